"""
How a template wants its Jinja: `_jinja2_env_vars` and `_extensions` of its `cookiecutter.json`.

Only what changes the language is taken; an extension that is not Jinja's or cookiecutter's own is somebody's code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from scaffolder.errors import InvalidInput, Place
from scaffolder.template.errors import TemplateInvalid
from scaffolder.template.manifest import COOKIECUTTER_FILE
from scaffolder.template.trust import NOTHING, Allowed, listed_extensions

DELIMITERS = frozenset(
    {
        *("block_start_string", "block_end_string", "variable_start_string", "variable_end_string"),
        *("comment_start_string", "comment_end_string", "line_statement_prefix", "line_comment_prefix"),
    }
)
BLANKS = frozenset({"trim_blocks", "lstrip_blocks"})
"""They change what is around blocks, and no more."""
OTHERS = frozenset({"newline_sequence", "autoescape"})
WITHOUT_EFFECT = frozenset({"optimized", "cache_size", "auto_reload"})


OF_JINJA: Final = {
    "jinja2.ext.do": "jinja2.ext.do",
    "jinja2.ext.loopcontrols": "jinja2.ext.loopcontrols",
    "jinja2.ext.i18n": "jinja2.ext.i18n",
    "jinja2.ext.debug": "jinja2.ext.debug",
    "jinja2.ext.ExprStmtExtension": "jinja2.ext.do",
    "jinja2.ext.LoopControlExtension": "jinja2.ext.loopcontrols",
    "jinja2.ext.InternationalizationExtension": "jinja2.ext.i18n",
    "jinja2.ext.DebugExtension": "jinja2.ext.debug",
}
OWN: Final = frozenset(
    {
        *(
            f"cookiecutter.extensions.{name}Extension"
            for name in ("Jsonify", "RandomString", "Slugify", "Time", "UUID")
        ),
        "jinja2_time.TimeExtension",  # what cookiecutter has taken over, as older templates name it
    }
)


class ExtensionsRefused(InvalidInput):
    """A template wants to bring Python code into the rendering."""

    def __init__(self, extensions: object) -> None:
        names = ", ".join(map(str, extensions)) if isinstance(extensions, list) else str(extensions)
        super().__init__(
            f"the template asks for extensions, which are other people's code and are not loaded: {names}",
            hint="allow them: --trust   or use a template without them in _extensions of its cookiecutter.json",
        )


class Dialect(NamedTuple):
    """
    `options` are Jinja's; `extensions` those that Jinja brings, and those that the template does and that are allowed.

    The latter are `brought`: they are code, which is loaded only where the process can be ended.
    """

    options: Mapping[str, Any] = MappingProxyType({})
    extensions: tuple[str, ...] = ()
    brought: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """All that counts for how a text is compiled."""
        return repr((sorted(self.options.items()), self.extensions))

    @property
    def plain(self) -> bool:
        """Whether tags look as usual, and values are put in as they are."""
        return self.options.keys() <= BLANKS and not self.extensions

    def begins_in(self, source: str) -> bool:
        """Tell whether anything in a text may be a tag, or else must be changed."""
        usual = {"variable_start_string": "{{", "block_start_string": "{%", "comment_start_string": "{#"}
        begins = {**usual, **{name: value for name, value in self.options.items() if name in DELIMITERS}}
        found = (str(value) in source for name, value in begins.items() if value and not name.endswith("end_string"))
        return "newline_sequence" in self.options or bool(self.brought) or any(found)

    @property
    def marks(self) -> tuple[str, str]:
        """What a variable begins and ends with."""
        start, end = (self.options.get(f"variable_{edge}_string") for edge in ("start", "end"))
        return str(start or "{{"), str(end or "}}")


def dialect_of(variables: Mapping[str, Any], allowed: Allowed = NOTHING) -> Dialect:
    """
    Return how the texts of a template are read. Where somebody has not allowed its extensions, it goes without.

    Raises:
        ExtensionsRefused: It brings extensions of its own, and nobody has decided about them.
        TemplateInvalid: It sets what Jinja does not know, or what only code can be.
    """
    names = listed_extensions(variables.get("_extensions"))
    brought = foreign(names)
    if brought and not allowed.decided:
        raise ExtensionsRefused(brought)
    loaded = tuple(brought) if allowed.extensions else ()
    known = (OF_JINJA.get(str(name), str(name)) for name in names if str(name) in OF_JINJA or str(name) in loaded)
    return Dialect(_options(variables.get("_jinja2_env_vars")), tuple(dict.fromkeys(known)), loaded)


def _options(given: object) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        msg = "_jinja2_env_vars: an object (names and values) is expected"
        raise TemplateInvalid(msg, place=Place(COOKIECUTTER_FILE))
    unknown = sorted(given.keys() - DELIMITERS - BLANKS - OTHERS - WITHOUT_EFFECT)
    if unknown:
        msg = f"_jinja2_env_vars: {', '.join(unknown)} cannot be set"
        raise TemplateInvalid(msg, place=Place(COOKIECUTTER_FILE))
    return {name: value for name, value in given.items() if name not in WITHOUT_EFFECT}


def foreign(names: Iterable[object]) -> list[str]:
    """Return those of a template's `_extensions` that are somebody's own code."""
    return [str(name) for name in names if str(name) not in OF_JINJA and str(name) not in OWN]
