"""What hangs on a repository: webhooks, deploy keys, autolinks, pages."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.github.exchange import Page, Reply
from tests.github.refusals import conflict, invalid, not_found, unprocessable
from tests.github.routing import operation

if TYPE_CHECKING:
    from tests.github.exchange import Call

ADMIN = {"permission": "administration=write", "role": "admin"}


@operation("GET", "/repos/{owner}/{repo}/hooks", permission="repository_hooks=read", role="admin")
def hooks(call: Call) -> Page:
    return Page(list(call.repository.hooks.values()), partial(_hook, call))


@operation(
    "POST",
    "/repos/{owner}/{repo}/hooks",
    permission="repository_hooks=write",
    role="admin",
    scope="admin:repo_hook,repo",
    creates=True,
)
def create_hook(call: Call) -> Reply:
    config, events = dict(call.said.get("config") or {}), list(call.said.get("events") or ["push"])
    if not config.get("url"):
        raise invalid("Hook", "url", "missing_field")
    if any(
        (each["config"]["url"], each["events"]) == (config["url"], events) for each in call.repository.hooks.values()
    ):
        raise invalid("Hook", "", "custom", message="Hook already exists on this repository")
    number, now = call.state.next_id(), call.state.now()
    kept = {"content_type": "form", "insecure_ssl": "0", **config}
    made = {"id": number, "active": call.said.get("active", True), "events": events, "config": kept, "created_at": now}
    call.repository.hooks[number] = made
    return Reply(201, _hook(call, made))


@operation("DELETE", "/repos/{owner}/{repo}/hooks/{hook_id}", permission="repository_hooks=write", role="admin")
def delete_hook(call: Call) -> Reply:
    del call.repository.hooks[_number(call, "hook_id", call.repository.hooks)]
    return Reply(204)


@operation("POST", "/repos/{owner}/{repo}/hooks/{hook_id}/pings", permission="repository_hooks=read", role="admin")
def ping_hook(call: Call) -> Reply:
    _number(call, "hook_id", call.repository.hooks)
    return Reply(204)


@operation("GET", "/repos/{owner}/{repo}/keys", permission="administration=read", role="admin")
def keys(call: Call) -> Page:
    return Page(list(call.repository.keys.values()), lambda each: each)


@operation("POST", "/repos/{owner}/{repo}/keys", creates=True, **ADMIN)
def create_key(call: Call) -> Reply:
    key = " ".join(str(call.need("key")).split()[:2])
    if not re.fullmatch(r"(ssh-(rsa|ed25519)|ecdsa-sha2-\S+) [A-Za-z0-9+/=]+", key):
        raise invalid(
            "PublicKey",
            "key",
            "custom",
            message="key is invalid. You must supply a key in OpenSSH public key format",
        )
    if any(each["key"] == key for found in call.state.repositories.values() for each in found.keys.values()):
        raise invalid("PublicKey", "key", "custom", message="key is already in use")
    number = call.state.next_id()
    made = {
        "id": number,
        "key": key,
        "title": call.said.get("title") or key[:20],
        "verified": True,
        "url": f"{call.state.api}/repos/{call.repository.full_name}/keys/{number}",
        "created_at": call.state.now(),
        "read_only": bool(call.said.get("read_only")),
        "added_by": call.actor.login,
    }
    call.repository.keys[number] = made
    return Reply(201, made)


@operation("DELETE", "/repos/{owner}/{repo}/keys/{key_id}", **ADMIN)
def delete_key(call: Call) -> Reply:
    del call.repository.keys[_number(call, "key_id", call.repository.keys)]
    return Reply(204)


@operation("GET", "/repos/{owner}/{repo}/autolinks", permission="administration=read", role="admin")
def autolinks(call: Call) -> Reply:
    return Reply(body=list(call.repository.autolinks.values()))


@operation("POST", "/repos/{owner}/{repo}/autolinks", creates=True, **ADMIN)
def create_autolink(call: Call) -> Reply:
    prefix, template = call.need("key_prefix"), str(call.need("url_template"))
    if "<num>" not in template:
        raise invalid(
            "KeyLink", "url_template", "custom", message="url_template must contain `<num>` for reference number"
        )
    if any(each["key_prefix"].lower() == str(prefix).lower() for each in call.repository.autolinks.values()):
        raise invalid("KeyLink", "key_prefix", "already_exists")
    number, wide = call.state.next_id(), call.said.get("is_alphanumeric", True)
    made = {"id": number, "key_prefix": prefix, "url_template": template, "is_alphanumeric": wide}
    call.repository.autolinks[number] = made
    return Reply(201, made)


@operation("GET", "/repos/{owner}/{repo}/pages", permission="pages=read")
def pages(call: Call) -> Reply:
    return Reply(body=_pages(call))


@operation("POST", "/repos/{owner}/{repo}/pages", permission="pages=write", role="maintain", creates=True)
def enable_pages(call: Call) -> Reply:
    found, said = call.repository, call.said
    if found.pages is not None:
        raise conflict("GitHub Pages is already enabled.")
    if found.private and call.state.plan(found) == "free":
        raise unprocessable("Your current plan does not support GitHub Pages for this repository.")
    source = {"path": "/", **said["source"]} if said.get("source") else None
    if source and source["branch"] not in found.branches():
        raise unprocessable(f"The {source['branch']} branch must exist before GitHub Pages can be built.")
    found.pages = {"build_type": said.get("build_type", "legacy"), "source": source, "cname": None}
    return Reply(201, _pages(call))


@operation("PUT", "/repos/{owner}/{repo}/pages", permission="pages=write", role="maintain")
def update_pages(call: Call) -> Reply:
    _pages(call)
    call.repository.pages = {**(call.repository.pages or {}), **call.said}
    return Reply(204)


def _number(call: Call, name: str, known: dict[int, dict[str, Any]]) -> int:
    number = int(call.at[name]) if call.at[name].isdigit() else 0
    if number not in known:
        raise not_found()
    return number


def _hook(call: Call, one: dict[str, Any]) -> dict[str, Any]:
    url = f"{call.state.api}/repos/{call.repository.full_name}/hooks/{one['id']}"
    hidden = {"secret": "********"} if "secret" in one["config"] else {}
    return {
        **one,
        "type": "Repository",
        "name": "web",
        "updated_at": one["created_at"],
        "config": {**one["config"], **hidden},
        "url": url,
        "test_url": f"{url}/test",
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
        "last_response": {"code": None, "status": "unused", "message": None},
    }


def _pages(call: Call) -> dict[str, Any]:
    found = call.repository
    if found.pages is None:
        raise not_found()
    kept = {name: value for name, value in found.pages.items() if value is not None}
    return {
        "cname": None,
        "status": "built",
        "custom_404": False,
        "public": not found.private,
        "url": f"{call.state.api}/repos/{found.full_name}/pages",
        "html_url": f"https://{found.owner.login.lower()}.github.io/{found.name}/",
        **kept,
    }
