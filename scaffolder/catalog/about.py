"""
What people want to know of an entity first: where its source and docs are, and how to reach whoever owns it.

The annotations are Backstage's: https://backstage.io/docs/features/software-catalog/well-known-annotations
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffolder.catalog.entity import SOURCE_LOCATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.catalog.entity import Entity

_DOCS = re.compile(r"\b(docs?|documentation|handbook|manual|guide|runbooks?|playbooks?|wiki|readme)\b", re.IGNORECASE)
_RUNNING = re.compile(
    r"\b(run-?books?|play-?books?|dashboards?|monitoring|metrics|alerts?|logs|status)\b", re.IGNORECASE
)
_CHANNELS = {"slack": "Slack", "teams": "Teams", "discord": "Discord", "mattermost": "Mattermost", "zulip": "Zulip"}
_PAGERS = {"pagerduty": "PagerDuty", "opsgenie": "Opsgenie"}
_REACHED = re.compile(r"reached (?:in|at|by|through|via|on) (.+)", re.IGNORECASE)


def source_url(entity: Entity) -> str:
    """Return where its source is, or ''."""
    location = entity.annotations.get(SOURCE_LOCATION, "")
    slug = entity.annotations.get("github.com/project-slug", "")
    github = f"https://github.com/{slug}" if slug else ""
    kind, _, target = location.partition(":")
    return (target if kind in {"url", "dir", "file"} else location).removesuffix("/") or github


def origin(entity: Entity) -> list[tuple[str, str]]:
    """Return name and text of how it came to be: the template, what there was already, and why."""
    noted = entity.annotations
    return [
        ("made from", noted.get("backstage.io/source-template", "")),
        ("built although", noted.get("scaffolder/similar", "").replace(",", ", ")),
        ("because", noted.get("scaffolder/built-anyway", "")),
    ]


def docs(entity: Entity) -> list[str]:
    """Return where its docs are: what it publishes, and links that say they are docs."""
    kind, _, target = entity.annotations.get("backstage.io/techdocs-ref", "").partition(":")
    own = {"url": [target], "dir": [f"in its source, {'' if target == '.' else f'{target}/'}docs"]}.get(kind, [])
    return [*own, *(link_text(link) for link in entity.links if _is_docs(link))]


def links(entity: Entity) -> list[str]:
    """Return its links that are not about docs."""
    return [link_text(link) for link in entity.links if not _is_docs(link)]


def running(entity: Entity) -> list[str]:
    """Return its links that help to run it: runbooks, dashboards, logs."""
    return [link_text(link) for link in entity.links if _is_running(link)]


def channels(entity: Entity) -> list[str]:
    """Return where people talk about it, and whom it wakes, as its annotations and links say."""
    return [*_from_annotations(entity.annotations), *(link_text(link) for link in entity.links if _is_channel(link))]


def ways_to_reach(entity: Entity) -> list[str]:
    """Return how to reach a team or a person: e-mail, channels, links; else what its description says of it."""
    email = entity.profile.get("email")
    ways = [*([str(email)] if email else []), *_from_annotations(entity.annotations), *map(link_text, entity.links)]
    said = _REACHED.search(entity.description)
    return ways or ([said[1].rstrip(".")] if said else [])


def link_text(link: Mapping[str, str]) -> str:
    """Return a link as a person reads it."""
    title = link.get("title")
    return f"{title} {link['url']}" if title else link["url"]


def _is_docs(link: Mapping[str, str]) -> bool:
    return any(_DOCS.search(str(link.get(field, ""))) for field in ("title", "type", "icon"))


def _is_running(link: Mapping[str, str]) -> bool:
    return any(_RUNNING.search(str(link.get(field, ""))) for field in ("title", "type", "icon"))


def _is_channel(link: Mapping[str, str]) -> bool:
    host = link["url"].partition("://")[2].partition("/")[0].lower().split(".")
    said = " ".join(str(link.get(field, "")) for field in ("title", "type", "icon")).lower().split()
    return any(word in {*host, *said} for word in (*_CHANNELS, *_PAGERS, "chat"))


def _from_annotations(annotations: Mapping[str, str]) -> Iterator[str]:
    """Iterate over what annotations such as `slack.com/channel` and `pagerduty.com/service-id` say."""
    for key, value in annotations.items():
        for word, name in {**_CHANNELS, **_PAGERS}.items():
            if word in key.lower() and value:
                yield f"{name} {value}"
                break
