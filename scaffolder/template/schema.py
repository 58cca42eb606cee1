"""
JSON Schema as a form reads it: which properties count, given the answers so far.

`dependencies`, `oneOf`, `anyOf`, `allOf` and `if`/`then`/`else` add properties, and say more about those that are
there, when earlier answers say so. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scaffolder.template import patterns

Schema = Mapping[str, Any]
DEEPEST = 20
"""Levels of conditions within conditions that are followed."""
WHICH = "?"
"""Ends the name of a question that is no parameter: which of several schemas is meant."""
CHOICES = ("oneOf", "anyOf")
CONDITIONS = frozenset({"const", "enum"})
"""What a branch says of a property that is there, to tell when the branch is meant."""
NOTHING: frozenset[str] = frozenset()
LINKED = ("definitions", "$defs")
IGNORED_PREFIXES = ("ui:", "backstage:", "x-")
ANNOTATIONS = frozenset(
    {
        *("enumNames", "default", "$schema", "$id", "id", "title", "description", "examples", "$comment"),
        *("readOnly", "writeOnly", "contentMediaType", "contentEncoding"),
    }
)
"""What says nothing of a value, and may be anything in Backstage."""
SUBSCHEMAS = frozenset({"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"})
SUBSCHEMA_MAPS = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependencies"})
SUBSCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf"})
EXCLUSIVE = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})


@dataclass(slots=True)
class Active:
    """
    The properties that count, in the order they are asked, and the names of those that need an answer.

    References are looked up in `root`. `picked` has the answers to which of several schemas is meant, by a name that
    begins with `prefix`.
    """

    root: Schema
    picked: Mapping[str, Any]
    prefix: str = ""
    properties: dict[str, Schema] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)

    def add(self, schema: Schema, answers: Mapping[str, Any], *, depth: int = 0, but: frozenset[str] = NOTHING) -> None:
        """Take in a schema and whatever of its conditional parts applies; `but` is not said of what is there."""
        if depth > DEEPEST:
            return
        schema = resolved(schema, self.root)
        for name, definition in mapping(schema.get("properties")).items():
            if isinstance(definition, Mapping) and not is_behind_a_flag(definition):
                self._property(str(name), resolved(definition, self.root), but)
        if isinstance(schema.get("required"), list):
            self.required.update(map(str, schema["required"]))
        for part, known in self._applicable(schema, answers):
            self.add(part, answers, depth=depth + 1, but=known)

    def _property(self, name: str, definition: Schema, but: frozenset[str]) -> None:
        if definition.get("required") is True:
            self.required.add(name)
        if name in self.properties:
            more = {key: value for key, value in definition.items() if key not in but}
            self.properties[name] = merged(self.properties[name], more)
        else:
            self.properties[name] = definition

    def _applicable(self, schema: Schema, answers: Mapping[str, Any]) -> Iterator[tuple[Schema, frozenset[str]]]:
        for name, dependency in mapping(schema.get("dependencies")).items():
            if answers.get(name) not in (None, ""):
                yield from ((part, NOTHING) for part in self._dependent(name, dependency, answers))
        yield from ((mapping(part), NOTHING) for part in items(schema.get("allOf")))
        for keyword in CHOICES:
            branches = [resolved(mapping(part), self.root) for part in items(schema.get(keyword))]
            if any(branch.get("properties") for branch in branches):
                yield self._branch(branches, answers), CONDITIONS
        if isinstance(schema.get("if"), Mapping):
            holds = is_valid({**linked(self.root), **schema["if"]}, answers)
            yield mapping(schema.get("then" if holds else "else")), NOTHING

    def _dependent(self, name: str, dependency: object, answers: Mapping[str, Any]) -> Iterator[Schema]:
        """Yield what an answer brings with it; of several branches, the only one that allows the answer."""
        if isinstance(dependency, list):
            yield {"required": dependency}
            return
        schema = resolved(mapping(dependency), self.root)
        yield {key: value for key, value in schema.items() if key != "oneOf"}
        branches = [resolved(mapping(part), self.root) for part in items(schema.get("oneOf"))]
        fitting = [branch for branch in branches if self._allows(branch, name, answers[name])]
        if len(fitting) == 1:
            [branch] = fitting
            others = {key: rule for key, rule in branch["properties"].items() if key != name}
            yield {**branch, "properties": others}

    def _allows(self, branch: Schema, name: str, answer: object) -> bool:
        rule = mapping(branch.get("properties")).get(name)
        return isinstance(rule, Mapping) and is_valid({**linked(self.root), **rule}, answer)

    def _branch(self, branches: list[Schema], answers: Mapping[str, Any]) -> Schema:
        """Return the branch that the answers tell, or else the one that the person picks."""
        if any(_is_for_some(branch, name) for name in self.properties for branch in branches):
            return next((branch for branch in branches if _fits(branch, answers)), {})
        first = next(name for branch in branches for name in mapping(branch.get("properties")))
        name, titles = f"{self.prefix}{first}{WHICH}", titles_of(branches)
        chosen = chosen_of(branches, titles, self.picked.get(name), answers)
        self.properties[name] = which(titles, chosen)
        return branches[chosen]


def which(titles: list[str], chosen: int) -> Schema:
    """Return the schema of the question which of several schemas is meant."""
    return {"type": "string", "title": "Which of these?", "enum": titles, "default": titles[chosen]}


def titles_of(branches: Iterable[Schema]) -> list[str]:
    """Return what each of several schemas is called, every one differently."""
    found: list[str] = []
    for number, branch in enumerate(branches, 1):
        constant = next(map(str, _constants(branch).values()), "")
        title = str(branch.get("title") or constant or branch.get("type") or f"option {number}")
        found.append(f"{title} ({number})" if title in found else title)
    return found


def chosen_of(branches: list[Schema], titles: list[str], picked: object, answer: object) -> int:
    """Return which schema was picked, else the one that most of the answer belongs to, else the first."""
    if picked in titles:
        return titles.index(str(picked))
    return max(range(len(branches)), key=lambda number: (_belongs(branches[number], answer), -number))


def _belongs(branch: Schema, answer: object) -> int:
    """Return how much of an answer belongs to a branch."""
    if not isinstance(answer, Mapping):
        return int(answer is not None and is_valid(branch, answer))
    if any(name in answer and answer[name] != constant for name, constant in _constants(branch).items()):
        return -1
    return sum(name in answer for name in mapping(branch.get("properties")))


def _constants(branch: Schema) -> dict[str, Any]:
    rules = {str(name): mapping(rule) for name, rule in mapping(branch.get("properties")).items()}
    return {name: rule["const"] for name, rule in rules.items() if "const" in rule}


def _is_for_some(branch: Schema, name: str) -> bool:
    """Tell whether a branch is for some values of a property only."""
    return bool(CONDITIONS & mapping(mapping(branch.get("properties")).get(name)).keys())


def active(
    schema: Schema,
    answers: Mapping[str, Any],
    *,
    root: Schema | None = None,
    picked: Mapping[str, Any] | None = None,
    prefix: str = "",
) -> Active:
    """Return what counts, in the order of `ui:order`."""
    found = Active(schema if root is None else root, answers if picked is None else picked, prefix)
    found.add(schema, answers)
    order = [str(name) for name in items(schema.get("ui:order"))]
    rest = [name for name in found.properties if name not in order]
    at = order.index("*") if "*" in order else len(order)
    names = [*order[:at], *rest, *order[at + 1 :]]
    found.properties = {name: found.properties[name] for name in names if name in found.properties}
    return found


def possible(schema: Schema, *, root: Schema | None = None, depth: int = 0) -> dict[str, Schema]:
    """Return every property that some answers would make count."""
    if depth > DEEPEST:
        return {}
    root = schema if root is None else root
    schema = resolved(schema, root)
    own = mapping(schema.get("properties")).items()
    found = {str(name): resolved(mapping(definition), root) for name, definition in own}
    parts = [part for keyword in SUBSCHEMA_LISTS for part in items(schema.get(keyword))]
    parts += [schema.get("then"), schema.get("else"), *mapping(schema.get("dependencies")).values()]
    for part in filter(None, map(mapping, parts)):
        found = possible(part, root=root, depth=depth + 1) | found
    return found


def resolved(schema: Schema, root: Schema) -> Schema:
    """Return a schema with what it refers to in `root` written out, one level of it."""
    for _ in range(DEEPEST):
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        found: object = root
        for part in reference[2:].split("/"):
            found = mapping(found).get(part.replace("~1", "/").replace("~0", "~"))
        schema = merged(mapping(found), {key: value for key, value in schema.items() if key != "$ref"})
    return schema


def linked(root: Schema) -> dict[str, Any]:
    """Return what references may lead to."""
    return {key: root[key] for key in LINKED if key in root}


def merged(schema: Schema, more: Schema) -> Schema:
    """Return a schema with what another says more; what both need is needed."""
    both = dict(schema)
    for key, value in more.items():
        known = both.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping) and key != "default":
            both[key] = merged(known, value)
        elif key == "required" and isinstance(known, list) and isinstance(value, list):
            both[key] = list(dict.fromkeys([*known, *value]))
        else:
            both[key] = value
    return both


def is_behind_a_flag(schema: Schema) -> bool:
    """Tell whether Backstage shows it only where a feature flag is on; here none is."""
    return bool(schema.get("backstage:featureFlag") or mapping(schema.get("backstage")).get("featureFlag"))


def _fits(branch: Schema, answers: Mapping[str, Any]) -> bool:
    """Tell whether the constants of a branch are the answers; a branch without any is for everybody."""
    for name, definition in mapping(branch.get("properties")).items():
        rule = mapping(definition)
        if "const" in rule and answers.get(name) != rule["const"]:
            return False
        if isinstance(rule.get("enum"), list) and name in answers and answers[name] not in rule["enum"]:
            return False
    return all(name in answers or name in mapping(branch.get("properties")) for name in items(branch.get("required")))


def mapping(value: object) -> Mapping[str, Any]:
    """Return `value` if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def strict(schema: object) -> Any:
    """Return what a validator should see: without the form's own keywords, and without what draft 7 does not allow."""
    if not isinstance(schema, Mapping):
        return schema
    kept = ((str(key), value) for key, value in schema.items() if not str(key).startswith(IGNORED_PREFIXES))
    found = dict(_strict_rule(schema, key, value) for key, value in kept if not _is_foreign(key, value))
    named = [name for name, part in mapping(schema.get("properties")).items() if mapping(part).get("required") is True]
    return {**found, "required": [*found.get("required", []), *map(str, named)]} if named else found  # draft 3


def _strict_rule(schema: Schema, key: str, value: object) -> tuple[str, Any]:
    """Return one keyword as draft 7 has it; a pattern that only JavaScript's looser mode takes is ours to match."""
    if key == "divisibleBy":  # draft 3
        return "multipleOf", value
    if key == "pattern" and isinstance(value, str) and patterns.is_ours(value):
        return patterns.KEYWORD, value
    if value is True and key in EXCLUSIVE:  # draft 4
        return key, schema[EXCLUSIVE[key]]
    return key, _strict_value(key, value)


def _is_foreign(key: str, value: object) -> bool:
    names = value if isinstance(value, list) else [value]
    unknown_type = key == "type" and not all(isinstance(name, str) and name in TYPES for name in names)
    return (
        unknown_type
        or (key == "required" and not isinstance(value, list))
        or (key == "dependencies" and not isinstance(value, Mapping))
        or (key in EXCLUSIVE and value is False)
        or key in ANNOTATIONS
    )


def _strict_value(key: str, value: object) -> Any:
    if key in SUBSCHEMA_MAPS and isinstance(value, Mapping):
        return {str(name): strict(part) for name, part in value.items()}
    if key in {*SUBSCHEMA_LISTS, "items"} and isinstance(value, list):
        return [strict(part) for part in value]
    return strict(value) if key in SUBSCHEMAS else value


class Violation(NamedTuple):
    """A rule that a value breaks: its keyword, what the keyword says, and where in the value."""

    keyword: str
    rule: Any
    path: tuple[str | int, ...]


def violations(schema: Schema, value: object) -> list[Violation]:
    """
    Return every rule of `schema` that `value` breaks. No value is part of the result: it may be a secret.

    Raises:
        ValueError: The schema itself is wrong.
    """
    import jsonschema_rs

    from scaffolder.template.formats import CHECKS

    clean = strict(schema)
    validator = jsonschema_rs.Draft7Validator(
        clean,
        validate_formats=True,
        formats={**patterns.FORMATS, **CHECKS},
        keywords={patterns.KEYWORD: patterns.Keyword},
    )
    return [
        _violation(clean, list(error.schema_path), tuple(error.instance_path)) for error in validator.iter_errors(value)
    ]


def _violation(schema: Schema, where: list[Any], path: tuple[str | int, ...]) -> Violation:
    rule: Any = schema
    for part in where:
        if isinstance(rule, list) and isinstance(part, int):
            rule = rule[part] if part < len(rule) else None
        else:
            rule = mapping(rule).get(str(part))
    keyword = str(where[-1]) if where else ""
    return Violation("pattern" if keyword == patterns.KEYWORD else keyword, rule, path)


def is_valid(schema: Schema, value: object) -> bool:
    """Tell whether `value` keeps every rule; a schema that is wrong itself has no say."""
    try:
        return not violations(schema, value)
    except ValueError:
        return False
