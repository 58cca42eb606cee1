"""
Tests as JUnit XML, which GitLab, Jenkins, Azure and the actions of GitHub show.

There is no standard; this is the part all of them read, as Jenkins' plugin has it:
https://github.com/testmoapp/junitxml · https://docs.gitlab.com/ci/testing/unit_test_reports/

What XML cannot hold is shown as an escape.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple
from xml.etree import ElementTree as ET  # only written, never read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.errors import Place

# https://www.w3.org/TR/xml/#charsets, without what XML would turn into a space, and without marks that reorder a line.
_NOT_XML = re.compile(
    "[^\x20-\x7e\xa0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd"
    "\U00010000-\U0010ffff]"
)
Result = Literal["system-out", "failure", "error"]


class Test(NamedTuple):
    """
    What a test is about, where that is, and what was found there, in lines.

    A test has at most one result: others are not read everywhere. `message` and `type` tell a result in short.
    """

    name: str
    place: Place
    result: Result = "system-out"
    message: str = ""
    type: str = ""
    lines: Sequence[str] = ()


def document(suite: str, tests: Sequence[Test]) -> str:
    """Return the whole document."""
    counted = {f"{result}s": sum(each.result == result for each in tests) for result in ("failure", "error")}
    numbers = {"tests": str(len(tests)), **{name: str(number) for name, number in counted.items()}}
    root = ET.Element("testsuites", {"name": suite, **numbers})
    element = ET.SubElement(root, "testsuite", {"name": suite, **numbers, "skipped": "0", "time": "0"})
    for each in tests:
        _write(element, each)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _write(suite: ET.Element, test: Test) -> None:
    file, line = plain(test.place.file), test.place.line
    facts = {"classname": file, "name": plain(test.name), "file": file, "time": "0"}
    element = ET.SubElement(suite, "testcase", facts | ({"line": str(line)} if line else {}))
    if test.result == "system-out" and not test.lines:
        return
    in_short = {} if test.result == "system-out" else {"message": plain(test.message), "type": test.type}
    ET.SubElement(element, test.result, in_short).text = "\n".join(map(_seen, test.lines))


def plain(text: str) -> str:
    """Return a text on one line that XML can hold."""
    return _seen(" ".join(text.split()))


def _seen(line: str) -> str:
    return _NOT_XML.sub(lambda found: found[0].encode("unicode_escape").decode(), line)
