"""
A settings file as YAML nodes, which know their lines.

The file is never turned into plain data as a whole: what is not read cannot fail, nor grow.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from scaffolder.errors import InvalidInput, Place, did_you_mean
from scaffolder.settings.keys import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Protocol, TypeVar

    from scaffolder.gateways.github.server import Server
    from scaffolder.settings.publishing import Problem

    T = TypeVar("T")

    class Mark(Protocol):
        """Where a node begins; `line` counts from 0."""

        line: int

    class Node(Protocol):
        """A YAML node, of which PyYAML's own types do not tell the kind."""

        id: str
        tag: str
        value: Any
        start_mark: Mark


LARGEST_FILE: Final = 1_000_000
MOST_ITEMS: Final = 1_000
BACKSTAGE: Final = "backstage:"
GITHUB: Final = "github:"
WHOLE: Final = 100


class SettingsInvalid(InvalidInput):
    """A settings file says something that cannot be used."""


class NotYaml(SettingsInvalid):
    """A settings file cannot be read as YAML at all."""

    def __init__(self, label: str, problem: object, *, line: int | None = None) -> None:
        super().__init__(f"not YAML: {problem}", place=Place(label, line))


class SettingsTooLarge(SettingsInvalid):
    """Nobody wrote this by hand."""

    def __init__(self, label: str, reason: str = f"has more than {LARGEST_FILE:,} bytes") -> None:
        super().__init__(f"this {reason}", place=Place(label))


class TemplateEntry(NamedTuple):
    """A golden path that the settings add."""

    name: str
    source: str
    ref: str = ""
    directory: str = ""


class Document:
    """
    The settings called `label`, with the variables that may be used in them.

    Without an `environ` there are none: whoever wrote the file must not learn what this machine's say.
    """

    def __init__(self, text: bytes, *, label: str, environ: Mapping[str, str] | None) -> None:
        self._label = label
        self._environ = environ
        self._root = _composed(text, label)

    def text(self, name: str) -> str:
        """Return the value of a key that holds text, or its default."""
        key = next(key for key in KEYS if key.name == name)
        node = self._at(name)
        value = key.default if node is None else self._scalar(node, name)
        if key.choices and value not in key.choices and node is not None:
            known = " or ".join(key.choices)
            raise self._invalid(node, name, f"{value!r} is none of: {known}", hint=did_you_mean(value, key.choices))
        return value

    def number(self, name: str) -> int:
        """Return the value of a key that holds a whole number from 1, or its default."""
        text = self.text(name)
        if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
            raise self.invalid(name, f"{text!r} is no whole number from 1")
        return int(text)

    def percentage(self, name: str) -> int:
        """Return the value of a key that holds a whole number from 1 to 100, or its default."""
        number = self.number(name)
        if number > WHOLE:
            raise self.invalid(name, f"{number} is no percentage from 1 to 100")
        return number

    def texts(self, name: str) -> Iterator[str]:
        """Iterate over the values of a key that holds a list of texts."""
        for item_name, item in self._items(name):
            yield self._scalar(item, item_name)

    def placed(self, name: str, place: Callable[[str], T]) -> T | None:
        """Return what `place` makes of a key's text, None when it is absent or empty; a refusal tells where."""
        text = self.text(name)
        return self._placed(cast("Node", self._at(name)), name, partial(place, text)) if text else None

    def all_placed(self, name: str, place: Callable[[str], T]) -> Iterator[T]:
        """Iterate over what `place` makes of each text of a list; a refusal tells where."""
        for item_name, item in self._items(name):
            yield self._placed(item, item_name, partial(place, self._scalar(item, item_name)))

    def mapping(self, name: str, problem_in: Callable[[Any], Problem | None]) -> dict[str, Any]:
        """
        Return the plain data of a key that holds a mapping, empty when it is absent.

        Raises:
            SettingsInvalid: There is a problem in it.
        """
        node = self._at(name)
        if node is None:
            return {}
        found = self._plain(node, name, count(1))
        if problem := problem_in(found):
            place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in problem.path)
            raise self._invalid(_below(node, problem.path), f"{name}{place}", problem.message, hint=problem.hint)
        return cast("dict[str, Any]", found)

    def githubs(self, place: Callable[[str, str], Server]) -> Iterator[Server]:
        """Iterate over the GitHubs that are named; `place` makes one of a host and the address of its API."""
        for name, item in self._items("integrations.github"):
            entry = self._entry(item, name)
            texts = (
                self._scalar(entry[key], f"{name}.{key}") if key in entry else "" for key in ("host", "apiBaseUrl")
            )
            yield self._placed(item, name, partial(place, *texts))

    def locations(self, place: Callable[[str, str], str]) -> Iterator[str]:
        """Iterate over the catalog's locations; `place` makes one of a type and a target."""
        for name, item in self._items("catalog.locations"):
            entry = self._entry(item, name)
            kind = self._scalar(entry["type"], f"{name}.type") if "type" in entry else ""
            if kind not in {"file", "url"}:
                continue
            if "target" not in entry:
                raise self._invalid(item, name, "a location needs a target")
            target = self._scalar(entry["target"], f"{name}.target")
            if target.startswith(GITHUB):
                yield self._placed(entry["target"], f"{name}.target", partial(_account, target))
            elif not target.startswith(BACKSTAGE):
                yield self._placed(entry["target"], f"{name}.target", partial(place, kind, target))
            elif self._environ is not None:  # whoever wrote this file would say where a person's token goes
                hint = f"scaffolder catalog add {target}"
                raise self._invalid(entry["target"], f"{name}.target", "a Backstage is added by hand", hint=hint)

    def backstages(self) -> Iterator[str]:
        """Iterate over the catalog's locations that are a running Backstage's."""
        for name, item in self._items("catalog.locations"):
            node = self._entry(item, name).get("target")
            if node is not None and (target := self._scalar(node, f"{name}.target")).startswith(BACKSTAGE):
                yield target

    def templates(self, place: Callable[[TemplateEntry], TemplateEntry]) -> Iterator[TemplateEntry]:
        """Iterate over the golden paths; `place` makes an entry's source absolute."""
        for name, item in self._items("scaffolder.templates"):
            entry = {key: self._scalar(node, f"{name}.{key}") for key, node in self._entry(item, name).items()}
            if not entry.get("source"):
                raise self._invalid(item, name, "a template needs a source: a directory or a git URL")
            if not entry.get("name"):
                raise self._invalid(item, name, "a template needs a name: what `scaffolder new` calls it")
            yield self._placed(item, name, partial(place, TemplateEntry(**entry)))

    def refuse_unknown_keys(self) -> None:
        """
        Compare everything under `scaffolder:` with `KEYS`.

        Raises:
            SettingsInvalid: The first that is none of them.
        """
        node = self._child(self._root, "scaffolder")
        if node is not None:
            self._compare(node, "scaffolder", "scaffolder")

    def invalid(self, name: str, message: str, *, hint: str = "") -> SettingsInvalid:
        """Return the error that says what is wrong with a key that is there."""
        return self._invalid(cast("Node", self._at(name)), name, message, hint=hint)

    def _placed(self, node: Node, name: str, make: Callable[[], T]) -> T:
        try:
            return make()
        except InvalidInput as error:
            raise self._invalid(node, name, error.message, hint=error.hint) from None

    def _compare(self, node: Node, name: str, pattern: str) -> None:
        below = {key.name[len(pattern) + 1 :].split(".")[0] for key in KEYS if key.name.startswith(f"{pattern}.")}
        lists = {key.removesuffix("[]") for key in below if key.endswith("[]")}
        known = {key for key in below if not key.endswith("[]")}
        for key, value in self._entry(node, name).items():
            if key not in known:
                near = did_you_mean(key, known) or f"known here: {', '.join(sorted(known))}"
                raise self._invalid(value, f"{name}.{key}", "this key is not known", hint=near)
            if key in lists:
                for item_name, item in self._items(f"{name}.{key}"):
                    self._compare(item, item_name, f"{pattern}.{key}[]")
            elif any(known_key.name.startswith(f"{pattern}.{key}.") for known_key in KEYS):
                self._compare(value, f"{name}.{key}", f"{pattern}.{key}")

    def _at(self, name: str) -> Node | None:
        node = self._root
        for part in name.split("."):
            node = self._child(node, part)
        return node

    def _child(self, node: Node | None, key: str) -> Node | None:
        """Return a value of a mapping; what is absent, null or no mapping has none."""
        if node is None or node.id != "mapping":
            return None
        found = next((value for name, value in reversed(node.value) if name.value == key), None)
        return None if found is None or _is_null(found) else found

    def _entry(self, node: Node, name: str) -> dict[str, Node]:
        if _is_null(node):
            return {}
        if node.id != "mapping":
            raise self._invalid(node, name, "this must be a mapping of keys to values")
        return {str(key.value): value for key, value in node.value}

    def _items(self, name: str) -> Iterator[tuple[str, Node]]:
        node = self._at(name)
        if node is None:
            return
        if node.id != "sequence":
            raise self._invalid(node, name, "this must be a list")
        if len(node.value) > MOST_ITEMS:
            raise self._invalid(node, name, f"this has more than {MOST_ITEMS:,} entries")
        for number, item in enumerate(node.value):
            yield f"{name}[{number}]", item

    def _plain(self, node: Node, name: str, seen: Iterator[int]) -> Any:
        """Return plain data; `seen` counts what was read: an alias may stand for much, many times."""
        if next(seen) > MOST_ITEMS:
            raise self._invalid(node, name, f"this has more than {MOST_ITEMS:,} values")
        if node.id == "sequence":
            return [self._plain(item, f"{name}[{number}]", seen) for number, item in enumerate(node.value)]
        if node.id == "mapping" and self._child(node, "$env") is None:
            return {key: self._plain(value, f"{name}.{key}", seen) for key, value in self._entry(node, name).items()}
        text = self._scalar(node, name)
        return None if _is_null(node) else _CORE.get(node.tag, str)(text)

    def _scalar(self, node: Node, name: str) -> str:
        if _is_null(node):
            return ""
        variable = self._child(node, "$env")
        if variable is not None and len(node.value) == 1:
            return self._variable(str(variable.value), node, name)
        if node.id != "scalar":
            raise self._invalid(node, name, "this must be text")
        return _REFERENCE.sub(lambda found: self._substitute(found, node, name), str(node.value))

    def _substitute(self, found: re.Match[str], node: Node, name: str) -> str:
        if found[0].startswith("$$"):
            return found[0][1:]
        return self._variable(found[1], node, name)

    def _variable(self, reference: str, node: Node, name: str) -> str:
        """Return the value of `NAME`, or of `NAME:-fallback`, as Backstage does: without surrounding space."""
        variable, has_fallback, fallback = reference.strip().partition(":-")
        if self._environ is None:
            message = "the environment variables of this machine are not read in a repository's settings"
            raise self._invalid(node, name, message, hint=f"write a value instead of ${{{variable}}}")
        value = self._environ.get(variable)
        if value is None and not has_fallback:
            hint = f"set it, or write a value instead of ${{{variable}}}"
            raise self._invalid(node, name, f"the environment variable {variable} is not set", hint=hint)
        return (value or "").strip() or fallback

    def _invalid(self, node: Node, name: str, message: str, *, hint: str = "") -> SettingsInvalid:
        place = Place(self._label, node.start_mark.line + 1, field=name)
        return SettingsInvalid(message, hint=hint, place=place)


def _true_or_false(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text.lower(), text)


def _whole_number(text: str) -> int | str:
    return int(text) if re.fullmatch("-?[0-9]{1,9}", text) else text


_REFERENCE = re.compile(r"\$?\$\{([^{}]*)\}")
_CORE: Final = {"tag:yaml.org,2002:bool": _true_or_false, "tag:yaml.org,2002:int": _whole_number}
"""How plain data is made of text: `yes` is text, as in YAML 1.2, which Backstage reads."""


def _below(node: Node, path: Sequence[str | int]) -> Node:
    """Return the node at a path, as far as it leads."""
    for part in path:
        if isinstance(part, int) and node.id == "sequence":
            node = node.value[part]
        else:
            node = next((value for key, value in node.value if key.value == part), node)
    return node


def _composed(text: bytes, label: str) -> Node | None:
    import yaml

    from scaffolder.catalog.documents import too_deep

    if len(text) > LARGEST_FILE:
        raise SettingsTooLarge(label)
    if too_deep(text):
        raise SettingsTooLarge(label, "is nested too deeply")
    try:
        return cast("Node | None", yaml.compose(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        raise NotYaml(label, error.problem, line=error.problem_mark.line + 1 if error.problem_mark else None) from error
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError) as error:
        raise NotYaml(label, error) from error


def _is_null(node: Node) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")


def _account(target: str) -> str:
    from scaffolder.catalog.repositories import account

    return account(target)
