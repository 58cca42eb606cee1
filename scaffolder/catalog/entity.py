"""
Entities and how they are named.

The envelope and the field rules are Backstage's descriptor format: https://backstage.io/docs/features/software-catalog/descriptor-format
A name is unique for its kind and namespace whatever the case of its letters; a ref's `key` is what is compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFAULT_NAMESPACE = "default"
KINDS = ("Component", "API", "System", "Group", "User", "Resource", "Domain", "Template", "Location")
"""The kinds that have a schema; the first is meant first where a bare name fits several."""

SOURCE_LOCATION = "backstage.io/source-location"
"""The annotation that says where an entity's source is."""
MANAGED_BY = "backstage.io/managed-by-location"
"""The annotation that says where an entity is described."""

LONGEST_NAME = 63
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")
# Real catalogs hold refs to names that break the rule of names ("Team A"): such a ref leads nowhere, and is shown so.
_REF = re.compile(r"(?:(?P<kind>[^:/]*):)?(?:(?P<namespace>[^:/]*)/)?(?P<name>[^:/]*)")


class BadRef(InvalidInput):
    """A text names no entity."""

    def __init__(self, text: object, reason: str) -> None:
        super().__init__(
            f"{text!r} is not an entity ref: {reason}",
            hint="an entity ref is [kind:][namespace/]name, such as component:default/checkout or group:payments",
        )


@dataclass(frozen=True, slots=True, order=True)
class EntityRef:
    """Names one entity, whether or not it exists. The kind is kept in lower case."""

    kind: str
    name: str
    namespace: str = DEFAULT_NAMESPACE

    def __post_init__(self) -> None:
        """Make refs that differ in the kind's case only the same."""
        object.__setattr__(self, "kind", self.kind.lower())

    @classmethod
    def parse(
        cls, text: object, *, default_kind: str | None = None, default_namespace: str = DEFAULT_NAMESPACE
    ) -> EntityRef:
        """
        Read `[kind:][namespace/]name`.

        Raises:
            BadRef: It is something else, or says no kind where none is the default.
        """
        found = _REF.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None:
            raise BadRef(text, "it has more than one ':' or '/', or is no text")
        kind, namespace, name = found["kind"], found["namespace"], found["name"].strip()
        kind = default_kind if kind is None else kind
        if not kind:
            raise BadRef(text, "it says no kind")
        if not _KIND.fullmatch(kind):
            raise BadRef(text, f"{kind!r} is no kind")
        namespace = default_namespace if namespace is None else namespace
        if not name.isprintable() or not name or not namespace.isprintable() or not namespace:
            raise BadRef(text, "its name or namespace is empty or not printable")
        return cls(kind, name, namespace)

    def __str__(self) -> str:
        return f"{self.kind}:{self.namespace}/{self.name}"

    @property
    def key(self) -> str:
        """What two refs to the same entity have in common."""
        return str(self).lower()

    @property
    def short(self) -> str:
        """The ref as people write it: the default namespace left out."""
        return f"{self.kind}:{self.local}"

    @property
    def local(self) -> str:
        """The name, with its namespace where that is not the default one."""
        return self.name if self.namespace == DEFAULT_NAMESPACE else f"{self.namespace}/{self.name}"


def refs_in(value: object, *, default_kind: str, default_namespace: str) -> Iterator[EntityRef]:
    """Iterate over the refs in a field that holds one or a list; what is no ref is passed over."""
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str):
            try:
                yield EntityRef.parse(text, default_kind=default_kind, default_namespace=default_namespace)
            except BadRef:
                continue


@dataclass(frozen=True, slots=True)
class Entity:
    """
    An entity's document, read by its meaning.

    `reserved` tells that it stands for a name a task has reserved, and is no entry yet.
    """

    document: dict[str, Any]
    reserved: bool = False

    @property
    def kind(self) -> str:
        """The kind as it is written."""
        return str(self.document["kind"])

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The part that is the same for each kind."""
        return _mapping(self.document.get("metadata"))

    @property
    def spec(self) -> Mapping[str, Any]:
        """The part that is the kind's own."""
        return _mapping(self.document.get("spec"))

    @property
    def name(self) -> str:
        """The name, in the case it was given."""
        return str(self.metadata["name"])

    @property
    def namespace(self) -> str:
        """The namespace, `default` where none is given."""
        return str(self.metadata.get("namespace") or DEFAULT_NAMESPACE)

    @property
    def ref(self) -> EntityRef:
        """What names this entity."""
        return EntityRef(self.kind, self.name, self.namespace)

    @property
    def title(self) -> str:
        """What to call it: its title, a team's or person's display name, else its name."""
        return str(self.metadata.get("title") or self.profile.get("displayName") or self.name)

    @property
    def description(self) -> str:
        """What it is, in its owner's words; may be empty."""
        return str(self.metadata.get("description") or "")

    @property
    def annotations(self) -> Mapping[str, str]:
        """What tools have noted about it."""
        return _mapping(self.metadata.get("annotations"))

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        return _mapping(self.metadata.get("labels"))

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags."""
        return tuple(str(tag) for tag in self.metadata.get("tags") or ())

    @property
    def links(self) -> tuple[Mapping[str, str], ...]:
        """Its links: `url`, and maybe `title`, `icon`, `type`."""
        return tuple(self.metadata.get("links") or ())

    @property
    def profile(self) -> Mapping[str, Any]:
        """How a team or a person is called and reached."""
        return _mapping(self.spec.get("profile"))

    @property
    def type(self) -> str:
        """The kind's own type, such as service or team."""
        return str(self.spec.get("type") or "")

    @property
    def lifecycle(self) -> str:
        """Usually experimental, production or deprecated."""
        return str(self.spec.get("lifecycle") or "")

    @property
    def owner(self) -> EntityRef | None:
        """Who owns it: a group, unless it says otherwise."""
        return self._one("owner", "Group")

    @property
    def system(self) -> EntityRef | None:
        """The system it is a part of."""
        return self._one("system", "System")

    def _one(self, field: str, kind: str) -> EntityRef | None:
        return next(refs_in(self.spec.get(field), default_kind=kind, default_namespace=self.namespace), None)


class Problem(NamedTuple):
    """What is wrong in a document, and in which field (a dotted path; '' is the document itself)."""

    field: str
    message: str


def check_name(name: str) -> str:
    """Return '' or the rule that a `metadata.name` breaks, in words."""
    if not name:
        return "a name has at least one letter or digit"
    if len(name) > LONGEST_NAME:
        return f"a name has at most {LONGEST_NAME} characters; this one has {len(name)}"
    if _NAME.fullmatch(name):
        return ""
    if re.fullmatch(r"[-A-Za-z0-9_.]+", name):
        return "a name begins and ends with a letter or a digit"
    return "a name has letters, digits, '-', '_' and '.'"


def check(document: object) -> list[Problem]:
    """
    Return what is wrong with an entity's document: the envelope for any kind, and the fields of the kinds we know.

    A ref that leads nowhere is not wrong: what it names may come later.
    """
    # The schemas and their compiler are needed where entities are taken in, not where they are shown.
    from scaffolder.catalog.rules import problems_of

    return problems_of(document)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
