"""
Registering with a running Backstage: it is told where the entry of a service is, and reads it from there.

A name cannot be reserved there: it is looked up beforehand, and once more before it is registered. Backstage knows one
location of each address, so telling it twice changes nothing.
https://backstage.io/docs/features/software-catalog/software-catalog-api
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from scaffolder.catalog.backstage import NotBackstage, TokenRefused, token_for
from scaffolder.catalog.elsewhere import FileElsewhere, is_same
from scaffolder.catalog.entity import MANAGED_BY, Entity
from scaffolder.catalog.reports import BACKSTAGE
from scaffolder.catalog.reservations import NameTaken
from scaffolder.errors import Failed, InvalidInput
from scaffolder.gateways.http import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from scaffolder.catalog.entity import EntityRef
    from scaffolder.catalog.registration import ReservedBranch
    from scaffolder.catalog.reservations import Reservation
    from scaffolder.gateways.http import Answer

_API = "/api/catalog"
_LOCATIONS = f"{_API}/locations"
_OK, _CREATED, _INVALID, _NO_TOKEN, _FORBIDDEN, _NOT_FOUND, _CONFLICT = 200, 201, 400, 401, 403, 404, 409


class UnreadableThere(InvalidInput):
    """A Backstage could not read what it is to be told of."""

    def __init__(self, base: str, repository: str) -> None:
        super().__init__(
            f"{base} cannot read {repository}: it is on this machine only",
            hint="make it on a host that Backstage reads: --forge github",
        )


class RefusedThere(Failed):
    """A Backstage does not take what it was told."""

    def __init__(self, base: str, what: str, said: str) -> None:
        super().__init__(f"{base} refuses {what}: {said or 'it does not say why'}")


class InvalidThere(InvalidInput):
    """A Backstage would not accept an entity."""

    def __init__(self, base: str, ref: str, said: Sequence[str]) -> None:
        super().__init__(
            f"{base} would not accept {ref}: {said[0] if said else 'it does not say why'}",
            hint="correct it in the template, or the answers it was made from",
            details=tuple(said[1:]),
        )


@dataclass(frozen=True)
class BackstageRegistration:
    """The Backstage at `base`; `token` is that by which it is asked, and the variable it is in, both '' for none."""

    base: str
    token: tuple[str, str]

    @classmethod
    def at(cls, base: str, *, trusted: bool) -> BackstageRegistration:
        """Return the one at `base`; one that nobody here has `trusted` gets only a token that is for its host."""
        return cls(base, token_for(base, shared=trusted))

    @property
    def location(self) -> str:
        """How the catalog remembers it, if that is read from there, too."""
        return f"{BACKSTAGE}{self.base}"

    @property
    def caution(self) -> str:
        """What a person should know about names there."""
        return f"a name cannot be reserved in {self.base}: whoever registers it first has it"

    # -- names

    def require_free(self, refs: Sequence[EntityRef], *, task_id: str = "") -> None:
        """
        Check that no entity there has any of these names.

        Raises:
            NameTaken: One has.
            ScaffolderError: It cannot be asked.
        """
        del task_id
        self._require_free(refs, target="")

    def reserve(
        self, wanted: Sequence[Reservation], *, page: str = "", begin: Callable[[], None]
    ) -> list[ReservedBranch]:
        """Let the names be reserved on this machine; there they cannot be."""
        del wanted, page
        begin()
        return []

    def release(self, task_id: str) -> None:
        """Nothing is reserved there."""

    # -- entries

    def require_valid(self, target: str, entities: Iterable[Mapping[str, Any]]) -> None:
        """
        Check that the entities are valid there, that nobody has their names, and that it will be able to read them.

        Raises:
            UnreadableThere: It could not read them.
            InvalidThere: One is not valid.
            NameTaken: One has the name of another there.
            ScaffolderError: It cannot be asked.
        """
        location = f"url:{self._page(target)}"
        for entity in entities:
            answer = self._send("POST", f"{_API}/validate-entity", {"location": location, "entity": dict(entity)})
            if answer.status == _INVALID:
                raise InvalidThere(self.base, _named(entity), _errors(answer))
            self._expect(answer, _OK, what="to check an entity")
            self.require_free([Entity(dict(entity)).ref])

    def register(self, reservations: Sequence[Reservation], *, target: str, main: EntityRef) -> str:
        """
        Tell it where the entry is; said again, nothing changes.

        Raises:
            NameTaken: Somebody has registered one of the names meanwhile.
            ScaffolderError: It cannot be asked, or refuses.
        """
        del main
        page = self._page(target)
        self._require_free([each.ref for each in reservations], target=page)
        answer = self._send("POST", _LOCATIONS, {"type": "url", "target": page})
        if answer.status != _CONFLICT:  # it has it: an earlier answer was lost
            self._expect(answer, _CREATED, what=f"the location {page}")
        return ""

    def unregister(self, target: str, *, main: EntityRef, task_id: str = "") -> None:
        """
        Let it forget where the entry is; what it does not know is no error.

        Raises:
            ScaffolderError: It cannot be asked, or refuses.
        """
        del main, task_id
        page = self._page(target)
        for number in self._ids_of(page):
            answer = self._send("DELETE", f"{_LOCATIONS}/{quote(number, safe='')}")
            if answer.status != _NOT_FOUND:
                self._expect(answer, 204, what=f"to forget the location {page}")

    # -- asking

    def _require_free(self, refs: Sequence[EntityRef], *, target: str) -> None:
        """Check that no entity there has any of these names but those that come from `target`."""
        for ref in refs:
            place = "/".join(quote(part, safe="") for part in (ref.kind.lower(), ref.namespace, ref.name))
            answer = self._send("GET", f"{_API}/entities/by-name/{place}")
            if answer.status == _NOT_FOUND and _is_backstage(answer):
                continue
            self._expect(answer, _OK, what=f"to look up {ref}")
            if not target or not is_same(_managed_by(answer), target):
                raise NameTaken(
                    ref, f"registered in {self.base}", look=f"{self.base}, or: scaffolder catalog show {ref}"
                )

    def _ids_of(self, page: str) -> list[str]:
        answer = self._send("GET", _LOCATIONS)
        self._expect(answer, _OK, what="to list its locations")
        listed = [each.get("data", {}) for each in _json(answer, self.base) if isinstance(each, dict)]
        return [str(one["id"]) for one in listed if one.get("target") == page and one.get("type") == "url"]

    def _page(self, target: str) -> str:
        """
        Return the page of a file on its git host: what Backstage reads.

        Raises:
            UnreadableThere: It has none.
        """
        file = FileElsewhere.parse(target)
        if file is None or not file.address.startswith(("https://", "http://")):
            raise UnreadableThere(self.base, file.address if file else target)
        return f"{file.address.removesuffix('.git')}/blob/{quote(file.ref)}/{quote(file.path)}"

    def _send(self, verb: str, path: str, body: Any = None) -> Answer:
        answer = self._service.send(verb, path, body)
        if answer.status in {_NO_TOKEN, _FORBIDDEN}:
            self._refuse(answer)
        return answer

    def _refuse(self, answer: Answer) -> NoReturn:
        if answer.status == _FORBIDDEN and self.token[0] and (said := _message(answer)):
            raise RefusedThere(self.base, f"the token in {self.token[1]}", said)
        raise TokenRefused(self.base, self.token[1])

    def _expect(self, answer: Answer, status: int, *, what: str) -> None:
        if answer.status == _NOT_FOUND and not _is_backstage(answer):
            raise NotBackstage(self.base, "does not exist")
        if answer.status != status:
            raise RefusedThere(self.base, what, _message(answer) or f"status {answer.status}")

    @cached_property
    def _service(self) -> Service:
        return Service(self.base, token=self.token[0])


def _json(answer: Answer, base: str) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise NotBackstage(base, "answers with something that is not JSON") from None


def _object(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_backstage(answer: Answer) -> bool:
    """Tell whether it is Backstage's own 404, not that of some other server."""
    return isinstance(_object(answer).get("error"), dict)


def _message(answer: Answer) -> str:
    error = _object(answer).get("error")
    said = error.get("message") if isinstance(error, dict) else None
    return said if isinstance(said, str) else ""


def _errors(answer: Answer) -> list[str]:
    errors = _object(answer).get("errors")
    found = [each.get("message") for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    return [said for said in found if isinstance(said, str)] or list(filter(None, [_message(answer)]))


def _managed_by(answer: Answer) -> str:
    found: Any = _object(answer)
    for key in ("metadata", "annotations", MANAGED_BY):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _named(entity: Mapping[str, Any]) -> str:
    metadata = entity.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return f"{str(entity.get('kind', 'entity')).lower()} {name}"
