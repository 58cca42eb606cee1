"""
The form's fields that ask for what the catalog knows: what they offer, and what they refuse.

A form in Backstage takes whatever is typed; here an entity has to be real, unless the template says that any text will
do (`allowArbitraryValues`) or the catalog has nothing of the kind.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scaffolder.app.catalog_filter import Filter, filters_of
from scaffolder.app.repository_url import owner_problem, repository_problem
from scaffolder.catalog import BadRef, EntityRef
from scaffolder.catalog.entity import check_name
from scaffolder.errors import ScaffolderError, did_you_mean
from scaffolder.gateways.git import check_ref
from scaffolder.template import parameters
from scaffolder.template.entry_sheet import ENTRY, entry_sheet
from scaffolder.template.places import at, put
from scaffolder.template.schema import items, mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from scaffolder.app.repositories import Repositories
    from scaffolder.catalog import Catalog, Summary
    from scaffolder.template.manifest import Page, Template
    from scaffolder.template.question import Question

OWNERS = ("group", "user")
ENTITY = frozenset({"EntityPicker", "OwnerPicker", "OwnedEntityPicker", "MyGroupsPicker"})
ENTITIES = "MultiEntityPicker"
TAGS = "EntityTagsPicker"
REPOSITORY, BRANCH, OWNER_OF_REPOSITORIES = "RepoUrlPicker", "RepoBranchPicker", "RepoOwnerPicker"
LONGEST_TAG = 63
_TAG = re.compile(r"[a-z0-9:+#]+(?:-[a-z0-9:+#]+)*")


@dataclass(frozen=True, slots=True)
class Pickers:
    """
    What can be picked from this catalog by this person, who is what templates see as `user`: {} for nobody known.

    `repositories` return who knows what a forge says of some, None where nobody asks it.
    """

    catalog: Catalog
    user: Mapping[str, Any]
    repositories: Callable[[], Repositories] | None = None
    _offered: dict[str, list[Summary]] = field(default_factory=dict)

    # -- what is offered

    def offers(self, question: Question) -> list[Summary]:
        """Return the entities that a field offers, by kind and name."""
        key = json.dumps([question.picker, question.options], default=str, sort_keys=True)
        if key not in self._offered:
            found = {one.ref.key: one for filter_ in self._filters(question) for one in self._matching(filter_)}
            self._offered[key] = [one for one in found.values() if self._is_mine(question, one)]
        return self._offered[key]

    def tags(self, question: Question) -> list[tuple[str, int]]:
        """Return the tags in use, those that most entities have first, and by how many."""
        kinds = [kind.lower() for kind in map(str, items(question.options.get("kinds")))]
        found = [one for one in self.catalog.described() if not kinds or one.kind.lower() in kinds]
        return Counter(tag for entity in found for tag in entity.tags).most_common()

    def takes_any_text(self, question: Question) -> bool:
        """Tell whether an entity need not be one that is offered."""
        return question.options.get("allowArbitraryValues") is True or not self.offers(question)

    def _filters(self, question: Question) -> list[Filter]:
        found = filters_of(question.options)
        if question.picker == "MyGroupsPicker":
            return [Filter(("group",), {}) if one.kinds == () else one for one in found]
        if question.picker == "OwnerPicker":
            return [Filter(OWNERS, one.facts) if one.kinds == () else one for one in found]
        return found

    def _matching(self, wanted: Filter) -> Iterator[Summary]:
        fitting = self._fitting(wanted)
        for kind in wanted.kinds or (None,):
            for one in self.catalog.entities(kind=kind):
                if not one.reserved and wanted.may_fit(one) and (fitting is None or one.ref.key in fitting):
                    yield one

    def _fitting(self, wanted: Filter) -> Container[str] | None:
        """Return the keys of the entities that have what is wanted beside the kind; None where nothing is."""
        if not wanted.further:
            return None
        relations = self.catalog.relations if wanted.asks_for_relations else None
        return {
            entity.ref.key
            for kind in wanted.kinds or (None,)
            for entity in self.catalog.described(kind)
            if wanted.fits(entity, relations)
        }

    def _is_mine(self, question: Question, one: Summary) -> bool:
        """Two fields offer only what is the person's; everything, where the catalog does not know the person."""
        if question.picker == "MyGroupsPicker":
            return not self.teams or one.ref.key in self.teams
        if question.picker == "OwnedEntityPicker":
            return not self.user or _owner_key(one) in {*self.teams, str(self.user.get("ref")).lower()}
        return True

    @property
    def teams(self) -> list[str]:
        """The keys of the groups that the person belongs to."""
        spec = mapping(mapping(self.user.get("entity")).get("spec"))
        return [EntityRef.parse(str(group), default_kind="group").key for group in items(spec.get("memberOf"))]

    # -- what is refused

    def problem(self, question: Question, value: Any) -> str:
        """Return '' or why the field does not take a value, in words."""
        if question.picker in ENTITY:
            return self._entity_problem(question, str(value))
        if question.picker == ENTITIES:
            problems = (self._entity_problem(question, str(one)) for one in items(value))
            return next(filter(None, problems), "")
        check = CHECKS.get(question.picker)
        if question.picker == "EntityNamePicker":
            return check_name(str(value)) or self._taken(str(value))
        return check(question, value) if check else ""

    def _taken(self, name: str) -> str:
        try:
            self.catalog.require_free([EntityRef("component", name)])
        except ScaffolderError as error:
            return error.message
        return ""

    def _entity_problem(self, question: Question, text: str) -> str:
        if self.takes_any_text(question) or self.reference(question, text):
            return ""
        for kind in self._kinds(question):
            with suppress(BadRef):
                ref = EntityRef.parse(text, default_kind=kind, default_namespace=_namespace(question))
                if self.catalog.get(ref):
                    return f"{ref} is not one of those that the template wants here"
        near = did_you_mean(text, (name for one in self.offers(question) for name in (one.ref.name, str(one.ref))))
        return f"{text} does not exist in the catalog{f': {near}' if near else ''}"

    # -- what is meant

    def reference(self, question: Question, text: str) -> str:
        """Return the ref of the offered entity that a text means, '' for none."""
        keys = {one.ref.key: str(one.ref) for one in self.offers(question)}
        for kind in self._kinds(question):
            with suppress(BadRef):
                ref = EntityRef.parse(text, default_kind=kind, default_namespace=_namespace(question))
                if ref.key in keys:
                    return keys[ref.key]
        return ""

    def meant(self, question: Question, value: Any) -> Any:
        """Return a value as the form would send it: entities by their whole refs."""
        if question.picker in ENTITY:
            return self._whole(question, str(value))
        if question.picker == ENTITIES:
            return [self._whole(question, str(one)) for one in items(value)]
        return value

    def _whole(self, question: Question, text: str) -> str:
        found = self.reference(question, text)
        kind = str(question.options.get("defaultKind") or "")
        if found or not kind:
            return found or text
        with suppress(BadRef):
            return str(EntityRef.parse(text, default_kind=kind, default_namespace=_namespace(question)))
        return text

    def _kinds(self, question: Question) -> list[str]:
        """Return the kinds that a name without one may be of, the likeliest first."""
        first = [str(question.options["defaultKind"])] if question.options.get("defaultKind") else []
        named = [kind for one in self._filters(question) for kind in one.kinds]
        return list(dict.fromkeys([*first, *named] or ["component", *OWNERS]))

    # -- a whole template

    def settled(
        self, template: Template, values: dict[str, Any], *, but: Container[str]
    ) -> tuple[dict[str, Any], list[str]]:
        """Return the values as the form would send them, and what is wrong with them; those of `but` are left alone."""
        wrong: list[str] = []
        for page in template.pages:
            values, found = self._settled(page, values, but=but)
            wrong += found
        return values, wrong

    def _settled(
        self, page: Page, values: dict[str, Any], *, but: Container[str] = ()
    ) -> tuple[dict[str, Any], list[str]]:
        wrong: list[str] = []
        for question in parameters.questions(page, values):
            value = at(values, question.place)
            if value in (None, "") or question.name in but:
                continue
            if question.picker:
                problem = self.problem(question, value)
                wrong += [f"{question.name}: {problem}"] if problem else []
                values = put(values, question.place, self.meant(question, value))
            elif question.kind == "entries":
                entries, found = self._entries(question, items(value))
                wrong += found
                values = put(values, question.place, entries)
        return values, wrong

    def _entries(self, question: Question, given: Sequence[Any]) -> tuple[list[Any], list[str]]:
        sheet = entry_sheet(question)
        settled = [self._settled(sheet.page, sheet.wrapped(entry)) for entry in given]
        wrong = [
            f"{question.name}.{number}{f'.{line}' if sheet.is_form else line.removeprefix(ENTRY)}"
            for number, (_, lines) in enumerate(settled)
            for line in lines
        ]
        return [sheet.unwrapped(values) for values, _ in settled], wrong


def _owner_key(one: Summary) -> str:
    return EntityRef.parse(one.owner, default_kind="group").key if one.owner else ""


def _namespace(question: Question) -> str:
    namespace = question.options.get("defaultNamespace")
    return namespace if isinstance(namespace, str) and namespace else "default"


def _tags_problem(_question: Question, value: Any) -> str:
    wrong = [str(tag) for tag in items(value) if not _TAG.fullmatch(str(tag)) or len(str(tag)) > LONGEST_TAG]
    rule = f"a tag has small letters, digits, '+', '#', ':', with single '-' between, and at most {LONGEST_TAG} of them"
    return f"{wrong[0]}: {rule}" if wrong else ""


def _branch_problem(_question: Question, value: Any) -> str:
    try:
        check_ref(str(value))
    except ScaffolderError as error:
        return error.message
    return ""


CHECKS: dict[str, Callable[[Question, Any], str]] = {
    TAGS: _tags_problem,
    REPOSITORY: repository_problem,
    BRANCH: _branch_problem,
    OWNER_OF_REPOSITORIES: owner_problem,
}


def labels(found: Iterable[Summary]) -> dict[str, str]:
    """Return what a person calls each entity, by its key: its name, and the kind or namespace where they are needed."""
    summaries = list(found)
    names = Counter(one.ref.name.lower() for one in summaries)
    return {
        one.ref.key: one.ref.name
        if names[one.ref.name.lower()] == 1 and one.ref.namespace == "default"
        else one.ref.short
        for one in summaries
    }
