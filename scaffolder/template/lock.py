"""The file in a project that says where it came from: `.scaffolder.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scaffolder.errors import InvalidInput, Place

LOCK_FILE: Final = ".scaffolder.yaml"
COMMENT: Final = """\
# Where this project came from, so that later versions of its golden path can be brought to it.
# Written by scaffolder: keep it as it is, and in the repository. Secrets are left out.
"""
TEMPLATE_FIELDS: Final = ("source", "path", "version", "commit", "digest")


class LockInvalid(InvalidInput):
    """A lock cannot be understood."""

    def __init__(self, reason: str, *, file: str, field: str = "") -> None:
        place = Place(file, field=field)
        super().__init__(reason, place=place, hint="take it back from the repository's history")


@dataclass(frozen=True, slots=True)
class Lock:
    """Template, answers, and the task that made the project. `answers` holds no secret."""

    source: str
    path: str
    version: str
    commit: str
    digest: str
    answers: Mapping[str, Any]
    tool_version: str
    task_id: str

    def dumps(self) -> str:
        """Return the text of the file."""
        from scaffolder.template.yaml_writer import write_document

        template = {name: getattr(self, name) for name in TEMPLATE_FIELDS if getattr(self, name)}
        document = {
            "template": template,
            "answers": dict(self.answers),
            "tool": {"version": self.tool_version, "task": self.task_id},
        }
        return COMMENT + write_document(document)

    @classmethod
    def loads(cls, text: str, *, file: str = LOCK_FILE) -> Lock:
        """
        Read the text of the file.

        Raises:
            InvalidInput: It is malformed; file, line and field are named where known.
        """
        from scaffolder.template.yaml_reader import read_document

        document = _mapping(read_document(text.encode(), file), "", file)
        template = _mapping(document.get("template"), "template", file)
        tool = _mapping(document.get("tool"), "tool", file)
        if not template.get("source") or not template.get("digest"):
            msg = "source and digest are needed"
            raise LockInvalid(msg, file=file, field="template")
        return cls(
            **{name: str(template.get(name, "")) for name in TEMPLATE_FIELDS},
            answers=_mapping(document.get("answers") or {}, "answers", file),
            tool_version=str(tool.get("version", "")),
            task_id=str(tool.get("task", "")),
        )


def _mapping(value: object, field: str, file: str) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    msg = "an object (keys and values) is expected here"
    raise LockInvalid(msg, file=file, field=field)
