"""
What cookiecutter adds to Jinja: `jsonify`, `slugify`, `random_ascii_string`, `uuid4` and `{% now %}`.

They do what cookiecutter's own do, but load what they need only when they are used: `arrow` alone takes longer to load
than most templates to render.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes
from jinja2.ext import Extension

if TYPE_CHECKING:
    from datetime import datetime

    from jinja2 import Environment
    from jinja2.parser import Parser

DATE: Final = "%Y-%m-%d"
ZONE: Final = re.compile(r"[+-]?\d\d?(?::?\d\d)?|[a-z][\w+-]*(?:/[a-z0-9][\w+-]*)*", re.ASCII | re.IGNORECASE)
"""A shift or a name. Names are those of files, and one that leads anywhere else is none."""


class Additions(Extension):
    """All of them at once."""

    tags = {"now"}  # noqa: RUF012 - Jinja's form

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.extend(datetime_format=DATE)
        environment.filters |= {"jsonify": jsonify, "slugify": slugify}
        environment.globals |= {"random_ascii_string": random_ascii_string, "uuid4": uuid4}

    def parse(self, parser: Parser) -> nodes.Node:
        """Read `{% now 'utc', '%Y' %}`; the zone may be followed by `+` or `-` and a shift, such as `'days=1'`."""
        line = next(parser.stream).lineno
        zone: nodes.Expr = parser.parse_expression()
        form: nodes.Expr = nodes.Const(None)
        if parser.stream.skip_if("comma"):
            form = parser.parse_expression()
        sign = ""
        shift: nodes.Expr = nodes.Const("")
        if isinstance(zone, nodes.Add | nodes.Sub):
            sign = "+" if isinstance(zone, nodes.Add) else "-"
            zone, shift = zone.left, zone.right  # type: ignore[attr-defined] # it narrows to the first
        call = self.call_method("now", [zone, nodes.Const(sign), shift, form], lineno=line)
        return nodes.Output([call], lineno=line)

    def now(self, zone: str, sign: str, shift: str, form: str | None) -> str:
        """Return the time there, moved by the shift."""
        wanted = self.environment.datetime_format if form is None else form  # type: ignore[attr-defined]
        if not sign and zone in {"utc", "local"}:
            return _now(zone).strftime(wanted)
        import arrow

        if not ZONE.fullmatch(zone):
            msg = f"{zone[:80]!r} is no time zone"
            raise ValueError(msg)
        moment = arrow.now(zone)
        pairs = [part.split("=") for part in shift.split(",")] if sign else []
        units: dict[str, Any] = {unit.strip(): float(sign + count.strip()) for unit, count in pairs}
        moment = moment.shift(**units)
        return moment.strftime(wanted)


def _now(zone: str) -> datetime:
    """Return the time in the usual zones, for which nothing else needs to be loaded."""
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    return now if zone == "utc" else now.astimezone()


def jsonify(value: Any, indent: int = 4) -> str:
    """Return JSON with its keys in order."""
    return json.dumps(value, sort_keys=True, indent=indent, default=_without_json)


def _without_json(value: Any) -> None:
    """Say why there is no JSON: what is not defined tells its name as soon as it is used as a text."""
    str(value)
    msg = f"Object of type {type(value).__name__} is not JSON serializable"
    raise TypeError(msg)


def slugify(value: str, *arguments: Any, **named: Any) -> str:
    """Return the text as part of an address; the further arguments are those of the package of that name."""
    import slugify as package

    return str(package.slugify(value, *arguments, **named))


def random_ascii_string(length: int, punctuation: bool = False) -> str:  # noqa: FBT001, FBT002 - cookiecutter's form
    """Return letters by chance."""
    import secrets
    import string

    letters = string.ascii_letters + (string.punctuation if punctuation else "")
    return "".join(secrets.choice(letters) for _ in range(length))


def uuid4() -> str:
    """Return an identifier by chance."""
    import uuid

    return str(uuid.uuid4())
