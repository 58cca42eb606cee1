"""
What a running Backstage knows, page by page: `backstage:https://backstage.example.com`.

Its entities are kept as they come, but for what the server alone says of them: relations, which follow from the other
fields, and status. Each is remembered by its `metadata.etag`, each page by the ETag it came with, so that asking again
takes in only what has changed. https://backstage.io/docs/features/software-catalog/software-catalog-api
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any, NoReturn, TypeGuard

from scaffolder.catalog.documents import DEEPEST
from scaffolder.catalog.entity import DEFAULT_NAMESPACE, Entity, Problem, check
from scaffolder.catalog.reading import FileRead, Found, Input, Known, Read
from scaffolder.catalog.reports import BACKSTAGE, LocationProblem, silent
from scaffolder.errors import Failed, InvalidInput, Place
from scaffolder.gateways.http import AnswerTooLarge, Service, TokenInvalid, address, host_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scaffolder.catalog.reports import Progress
    from scaffolder.gateways.http import Answer

TOKEN = "BACKSTAGE_TOKEN"  # noqa: S105  # the variable's name
MOST_AT_ONCE = 500
FIELDS = "apiVersion,kind,metadata,spec"

_BY_QUERY = "/api/catalog/entities/by-query"
_API = re.compile(r"/api/catalog(/entities(/by-query)?)?/*$")
_OUTPUT = frozenset({"relations", "status"})
_PAGE = "?"
"""What the paths of pages begin with, among those of entities."""
_LONGEST_LABEL = 200
_OK, _SAME, _NO_TOKEN, _REFUSED, _NOT_FOUND = 200, 304, 401, 403, 404


class TokenRefused(InvalidInput):
    """A Backstage wants to know who asks."""

    def __init__(self, base: str, variable: str) -> None:
        said = f"refuses the token in {variable}" if variable else "wants a token"
        way = (
            f"set {variable or TOKEN} to a token that may read its catalog (a static one: backend.auth.externalAccess)"
        )
        super().__init__(f"{base} {said}", hint=way)


class NotBackstage(InvalidInput):
    """An address at which no Backstage answers."""

    def __init__(self, base: str, reason: str) -> None:
        super().__init__(
            f"{base}{_BY_QUERY} {reason}",
            hint="give the address of Backstage's backend (backend.baseUrl): backstage:https://backstage.example.com",
        )


class NothingShown(InvalidInput):
    """A Backstage without entities: that it lost all of them is less likely than that we may not see them."""

    def __init__(self, base: str) -> None:
        super().__init__(f"{base} shows no entity", hint=f"may the token in {TOKEN} read its catalog?")


class EndlessPages(Failed):
    """A Backstage that gives the same page again and again."""

    def __init__(self, base: str) -> None:
        super().__init__(f"{base} gives the same entities again and again", hint="nothing was taken in")


def normalised(target: str) -> str:
    """
    Return how a Backstage is remembered: by its base URL.

    Raises:
        AddressRefused: It is none, or one that is not asked.
    """
    return BACKSTAGE + address(_API.sub("", target.removeprefix(BACKSTAGE)))


def token_for(base: str, *, shared: bool = True) -> tuple[str, str]:
    """Return the token for a host, and its variable: the host's own, else the `shared` one; both '' for none."""
    own = f"{TOKEN}_{re.sub('[^A-Za-z0-9]', '_', host_of(base)).upper()}"
    for variable in (own, TOKEN) if shared else (own,):
        if token := os.environ.get(variable, "").strip():
            return token, variable
    return "", ""


@dataclass(frozen=True, slots=True)
class Backstage:
    """A running Backstage as a location: `target` is how it is remembered; `progress` is told how far a reading is."""

    target: str
    progress: Progress = silent

    def read(self, known: Mapping[str, Known] | None = None) -> Read:
        """
        Ask for every entity; one that is as it was when `known` was written is not looked at.

        Raises:
            Unavailable: It cannot be asked now.
            TokenRefused: Nobody may ask, or not with this token.
            NotBackstage: Something else answers.
            NothingShown: It has no entity, or shows us none.
            EndlessPages: It never comes to an end.
            RedirectRefused: It sends us to another host.
        """
        return _Reading(self.target, known or {}, self.progress).whole()


@dataclass(frozen=True, slots=True)
class _Page:
    """
    One answer.

    `items` is None when the page is as it was; its entities are then those that were remembered, by `keys`. `odd` tells
    that something in it may be no text, or no number.
    """

    items: list[Any] | None
    keys: list[str]
    cursor: str
    total: int = 0
    etag: str = ""
    odd: bool = False


class _Reading:
    """Goes through the pages, once."""

    def __init__(self, target: str, known: Mapping[str, Known], progress: Progress) -> None:
        self.target = target
        self.base = target.removeprefix(BACKSTAGE)
        self.known = known
        self.progress = progress
        self.at_once = MOST_AT_ONCE
        self.total = 0
        self.odd = False
        self.seen: set[str] = set()
        self.result = Read()

    def whole(self) -> Read:
        try:
            self._all_pages()
        finally:
            self._service.close()
        if not self.seen:
            raise NothingShown(self.base)
        if len(self.seen) < self.total:
            self._keep_the_rest()
        return self.result

    def _all_pages(self) -> None:
        cursor, cursors = "", set[str]()
        while cursor not in cursors:
            cursors.add(cursor)
            before = len(self.seen)
            page = self._page(cursor)
            self._take(page, cursor)
            self.progress(len(self.seen), self.total)
            if not page.cursor:
                return
            if len(self.seen) == before:
                break
            cursor = page.cursor
        raise EndlessPages(self.base)

    @cached_property
    def _service(self) -> Service:
        token, variable = token_for(self.base)
        try:
            return Service(self.base, token=token)
        except TokenInvalid as error:
            raise InvalidInput(f"{variable} cannot be sent: {error.message}", hint=error.hint) from None

    def _page(self, cursor: str) -> _Page:
        remembered = self._remembered(cursor)
        answer = self._answer(cursor, remembered.etag if remembered else "")
        if remembered and answer.status == _SAME:
            return remembered
        if answer.status != _OK:
            self._refuse(answer.status)
        page = _parsed(self.base, answer)
        self.total = page.total or self.total
        return page

    def _answer(self, cursor: str, etag: str) -> Answer:
        """Ask for a page, and for a smaller one where a few big API definitions make it too large."""
        while True:
            query = {"fields": FIELDS, "limit": str(self.at_once), **({"cursor": cursor} if cursor else {})}
            try:
                return self._service.get(_BY_QUERY, query, etag=etag)
            except AnswerTooLarge:
                if self.at_once == 1:
                    raise
                self.at_once = max(1, self.at_once // 5)

    def _refuse(self, status: int) -> NoReturn:
        if status in {_NO_TOKEN, _REFUSED}:
            raise TokenRefused(self.base, token_for(self.base)[1])
        raise NotBackstage(self.base, "does not exist" if status == _NOT_FOUND else f"answers with status {status}")

    def _remembered(self, cursor: str) -> _Page | None:
        """Return a page as it was, when everything on it is still known."""
        before = self.known.get(_PAGE + cursor)
        if before is None:
            return None
        page, *entities = before.files()
        keys = [each.path for each in entities]
        return _Page(None, keys, page.digest, etag=page.stamp) if all(key in self.known for key in keys) else None

    def _take(self, page: _Page, cursor: str) -> None:
        if page.items is None:
            self.result.unchanged += [_PAGE + cursor, *(key for key in page.keys if key not in self.seen)]
            self.seen.update(page.keys)
            return
        self.odd = page.odd
        keys = [self._take_one(item) for item in page.items]
        if page.etag:
            inputs = [Input(_PAGE + cursor, page.etag, page.cursor), *(Input(key, "", "") for key in keys)]
            self.result.files.append(FileRead(_PAGE + cursor, inputs))

    def _take_one(self, item: Any) -> str:
        """Take in an entity, and return its key: a page that was cut anew may repeat one."""
        name = _name(item, len(self.seen) + 1)
        key = name.lower()
        if key in self.seen:
            return key
        self.seen.add(key)
        document, etag = _own(item)
        stamp = etag or hashlib.sha256(json.dumps(document).encode()).hexdigest()
        before = self.known.get(key)
        if before and before.stamp == stamp:
            self.result.unchanged.append(key)
        else:
            self.result.files.append(self._read_one(key, name, document, stamp))
        return key

    def _read_one(self, key: str, name: str, document: Any, stamp: str) -> FileRead:
        place = f"{self.target} {name[:_LONGEST_LABEL]}"
        wrong = _too_deep(document) or list(_oddities(document) if self.odd else ()) or check(document)
        return FileRead(
            key,
            [Input(key, stamp, "")],
            found=[] if wrong else [Found(Entity(document), Place(place))],
            problems=[LocationProblem(Place(place, field=each.field), each.message) for each in wrong],
        )

    def _keep_the_rest(self) -> None:
        """Forget nothing that has merely not come: something was removed meanwhile, or the end was cut off."""
        self.result.unchanged += [key for key in self.known if key not in self.seen and not key.startswith(_PAGE)]
        missing = f"only {len(self.seen)} of its {self.total} entities came; nothing was forgotten"
        again = f"ask again: scaffolder catalog refresh {self.target}"
        self.result.lost.append(LocationProblem(Place(self.target), f"{missing}; {again}"))


def _parsed(base: str, answer: Answer) -> _Page:
    """Read a page: {"items": […], "totalItems": 1, "pageInfo": {"nextCursor": "…"}}."""
    beyond: list[str] = []

    def number(text: str) -> float:
        value = float(text)
        if not isfinite(value):
            beyond.append(text)
        return value

    try:
        page = json.loads(answer.body.decode(), parse_float=number, parse_constant=number)
    except (ValueError, RecursionError):
        raise NotBackstage(base, "answers with something that is not JSON") from None
    match page:
        case {"items": list(items)}:
            info = page.get("pageInfo")
            cursor = info.get("nextCursor") if isinstance(info, dict) else ""
            total = page.get("totalItems")
            return _Page(
                items,
                [],
                cursor if isinstance(cursor, str) else "",
                total if isinstance(total, int) else 0,
                answer.headers.get("ETag", ""),
                odd=bool(beyond) or b"\\u" in answer.body,  # half of a pair of surrogates is always written so
            )
    raise NotBackstage(base, "answers with something that is no page of entities")


def _name(item: Any, number: int) -> str:
    """Return the ref of what is maybe an entity, or what else to call it."""
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(metadata, dict):
        return f"item {number}"
    kind, name = item.get("kind"), metadata.get("name")
    namespace = metadata.get("namespace") or DEFAULT_NAMESPACE
    if _is_kind(kind) and isinstance(name, str) and isinstance(namespace, str):
        return f"{kind.lower()}:{namespace}/{name}"
    return f"item {number}"


def _is_kind(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and value.isascii() and value.isalnum()


def _own(item: Any) -> tuple[Any, str]:
    """Return what an entity says of itself, and the text that changes with anything of it."""
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(metadata, dict):
        return item, ""
    document = {key: value for key, value in item.items() if key not in _OUTPUT}
    document["metadata"] = {key: value for key, value in metadata.items() if key != "etag"}
    etag = metadata.get("etag")
    return document, etag if isinstance(etag, str) else ""


def _too_deep(document: Any) -> list[Problem]:
    """Tell when a document is nested too deeply to be kept; level by level, without recursion."""
    level = [document]
    for _ in range(DEEPEST):
        level = [item for each in level for item in _inside(each) if isinstance(item, (dict, list))]
        if not level:
            return []
    return [Problem("", f"is nested more than {DEEPEST} levels deep")]


def _oddities(value: Any, field: str = "") -> Iterator[Problem]:
    """Iterate over what JSON can write and the catalog cannot keep, in a document that is not too deep."""
    if isinstance(value, str) and not _is_text(value):
        yield Problem(field, "holds half a character, which is no text")
    if isinstance(value, float) and not isfinite(value):
        yield Problem(field, "is a number that JSON does not have")
    for key, item in value.items() if isinstance(value, dict) else ():
        below = f"{field}.{key}" if field else key
        yield from _oddities(item, below) if _is_text(key) else [Problem(field, "has a key that is no text")]
    for index, item in enumerate(value) if isinstance(value, list) else ():
        yield from _oddities(item, f"{field}.{index}")


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
