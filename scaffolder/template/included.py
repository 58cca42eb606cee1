"""
Parts of a template's description that are in other files of its repository: `$yaml`, `$json` and `$text`.

As in the catalog of Backstage: an object with nothing but one of these keys is replaced by what the file holds, which
is not looked into again; one that has other keys as well is left alone.
https://backstage.io/docs/features/software-catalog/descriptor-format#substitutions-in-the-descriptor-format
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from scaffolder.errors import Place
from scaffolder.template.errors import TemplateInvalid
from scaffolder.tree import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.template.source import Resolved
    from scaffolder.tree import Tree

KEYS: Final = ("$yaml", "$json", "$text")
MOST_FILES: Final = 200
_NAMED: Final = re.compile(r"""\$(?:yaml|json|text)["']?\s*:\s*["']?([^\s"',}\]]+)""")


def named_in(text: str, directory: str) -> list[str]:
    """Return the paths of the files, in the repository, that a description may have parts in."""
    return [posixpath.normpath(posixpath.join(directory, target)) for target in _NAMED.findall(text)]


def with_parts(document: Any, resolved: Resolved) -> Any:
    """
    Return a description with its parts in their places.

    Raises:
        TemplateInvalid: One is not there, or does not hold what it should; its place is named. Or together they are
            more than a description can be.
    """
    from scaffolder.template.yaml_reader import check_size

    whole = _Parts(resolved).made(document, "")
    check_size(whole, resolved.shown(resolved.manifest), "with its parts it is too large, or nests too deeply")
    return whole


class _Parts:
    def __init__(self, resolved: Resolved) -> None:
        self._resolved = resolved
        self._number = 0

    def made(self, value: Any, field: str) -> Any:
        if isinstance(value, list):
            return [self.made(item, f"{field}[{number}]") for number, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        dollars = [key for key in value if str(key).startswith("$")]
        if not dollars:
            return {key: self.made(item, f"{field}.{key}".lstrip(".")) for key, item in value.items()}
        [*others, key] = value
        if others or key not in KEYS or not isinstance(value[key], str):
            return value
        return self._content(key, value[key], field)

    def _content(self, key: str, target: str, field: str) -> Any:
        self._number += 1
        if self._number > MOST_FILES:
            raise self._wrong(field, f"more than {MOST_FILES} parts of it are in other files")
        path = posixpath.normpath(posixpath.join(self._resolved.directory, target))
        node = self._resolved.root.get(path)
        if "://" in target or not isinstance(node, File):
            raise self._wrong(field, f"{key}: there is no file {target} in the template's repository")
        return self._read(key, node.data, path, field)

    def _read(self, key: str, data: bytes, path: str, field: str) -> Any:
        from scaffolder.template.yaml_reader import read_document

        if key == "$yaml":
            return read_document(data, posixpath.join(self._resolved.source.location, path))
        try:
            text = data.decode("utf-8-sig")
            return text if key == "$text" else json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            what = "UTF-8 text" if isinstance(error, UnicodeDecodeError) else "JSON"
            raise self._wrong(field, f"{key}: {path} is no {what}") from error

    def _wrong(self, field: str, reason: str) -> TemplateInvalid:
        return TemplateInvalid(reason, place=Place(self._resolved.shown(self._resolved.manifest), field=field))


def _refuse(word: str) -> NoReturn:
    """Refuse what JavaScript does not take for JSON: `NaN`, `Infinity`."""
    raise ValueError(word)


def files_of(tree: Tree, text: str, directory: str) -> Iterator[str]:
    """Yield what stands in the files that a description has parts in, as far as they are in a tree."""
    for path in named_in(text, directory):
        yield tree.text(path) or ""
