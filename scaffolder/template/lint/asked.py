"""What a Backstage template asks, over all of its pages and their branches. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import has_tags
from scaffolder.template.lint import form
from scaffolder.template.lint.findings import Finding, warning
from scaffolder.template.schema import items, mapping, violations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.template.lint.outline import Outline, Where

DEEPEST = 30
ELSEWHERE = ("$ref", "$yaml", "$json", "$text", "$openapi", "$include")
"""Keys by which a page is written elsewhere."""
CHECKS = ("pattern", "enum", "const", "format", "oneOf", "anyOf", "allOf", "$ref", "ui:field")


@dataclass(slots=True)
class Asked:
    """
    The parameters, with every place that defines one.

    `open`: there may be more than are seen. `deciding`: on them depends what else is asked. `never` are places of
    defaults that no form looks at; `parts` are the pages and their branches.
    """

    definitions: dict[str, list[tuple[Where, Mapping[str, Any]]]] = field(default_factory=dict)
    open: bool = False
    deciding: set[str] = field(default_factory=set)
    never: list[Where] = field(default_factory=list)
    parts: list[tuple[Where, Mapping[str, Any]]] = field(default_factory=list)

    @classmethod
    def of(cls, parameters: object) -> Asked:
        """Return what `spec.parameters` asks."""
        found = cls()
        where: Where = ("spec", "parameters")
        if isinstance(parameters, dict):
            found._take(parameters, where)
        for number, page in enumerate(items(parameters)):
            found._take(mapping(page), (*where, number))
        return found

    def _take(self, schema: Mapping[str, Any], where: Where) -> None:
        if not schema or len(where) > DEEPEST:
            return
        self.open = self.open or any(key in schema for key in ELSEWHERE)
        self.parts.append((where, schema))
        for name, definition in mapping(schema.get("properties")).items():
            self.definitions.setdefault(str(name), []).append(((*where, "properties", name), mapping(definition)))
        for keyword in ("allOf", "anyOf", "oneOf"):
            for number, part in enumerate(items(schema.get(keyword))):
                self._take(mapping(part), (*where, keyword, number))
        for keyword in ("then", "else"):
            self._take(mapping(schema.get(keyword)), (*where, keyword))
        self._take_conditions(schema, where)

    def _take_conditions(self, schema: Mapping[str, Any], where: Where) -> None:
        for keyword in ("dependencies", "dependentSchemas", "dependentRequired"):
            for name, part in mapping(schema.get(keyword)).items():
                self.deciding.add(str(name))
                self._take(mapping(part), (*where, keyword, name))
        for keyword in ("if", "not"):
            for name, definition in mapping(mapping(schema.get(keyword)).get("properties")).items():
                self.deciding.add(str(name))
                if "default" in mapping(definition):
                    self.never.append((*where, keyword, "properties", name, "default"))

    def is_unchecked(self, name: str) -> bool:
        """Tell whether anything at all can be answered there."""
        return any(
            definition.get("type", "string") == "string" and not any(key in definition for key in CHECKS)
            for _, definition in self.definitions.get(name, ())
        )

    def choices(self) -> dict[str, list[str]]:
        """Return the parameters that are chosen from a list of texts, and what there is to choose."""
        found: dict[str, list[str]] = {}
        for name, several in self.definitions.items():
            options = [one for _, definition in several for one in items(definition.get("enum"))]
            options += [mapping(one).get("const") for _, each in several for one in items(each.get("oneOf"))]
            if options and all(isinstance(one, str) for one in options):
                found[name] = options
        return found

    def place(self, name: str) -> Where:
        """Return where a parameter is defined first."""
        return self.definitions[name][0][0]

    def is_secret(self, name: str) -> bool:
        """Tell whether the answer is a secret, which is named as such."""
        return any(definition.get("ui:field") == "Secret" for _, definition in self.definitions[name])

    def findings(self, outline: Outline) -> Iterator[Finding]:
        """Yield what no form can show or ask, and the defaults that come to nothing."""
        for where, schema in () if self.open else self.parts:
            yield from form.of_schema(schema, where, self.definitions, outline)
        for where in self.never:
            yield warning("default-unused", outline.spot(*where, key=True), "no form looks at a default in a condition")
        for name, several in self.definitions.items():
            for where, definition in several:
                default = definition.get("default")
                spot = outline.spot(*where, "default")
                if isinstance(default, str) and has_tags(default):
                    message = f"the default of {name} is not rendered: the form shows it as it is written"
                    yield warning("default-unused", spot, message)
                elif default not in (None, "", [], {}) and _is_refused(definition, default):
                    message = f"the default of {name} is none of its allowed values, so nobody can keep it"
                    yield warning("default-unused", spot, message)


def _is_refused(definition: Mapping[str, Any], default: object) -> bool:
    try:
        return bool(violations(definition, default))
    except ValueError:
        return False
