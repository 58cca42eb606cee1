"""Protected branches and rulesets."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tests.github import shown
from tests.github.exchange import Page, Reply
from tests.github.protection import covers
from tests.github.refusals import Refused, invalid, not_found, unprocessable, upgrade_needed
from tests.github.routing import operation

if TYPE_CHECKING:
    from tests.github.exchange import Call

PROTECTION = "/repos/{owner}/{repo}/branches/{branch}/protection"
SWITCHES = (
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
    "lock_branch",
    "allow_fork_syncing",
)


@operation("GET", PROTECTION, permission="administration=read", role="admin")
def protection(call: Call) -> Reply:
    return Reply(body=_protection(call, _found(call)))


@operation("PUT", PROTECTION, permission="administration=write", role="admin")
def protect(call: Call) -> Reply:
    _check_plan(call)
    branch = _branch(call)
    missing = [name for name in REQUIRED if name not in call.said]
    if missing:
        raise unprocessable(f'Invalid request.\n\n"{missing[0]}" wasn\'t supplied.')
    if call.said["restrictions"] is not None and call.repository.owner.type != "Organization":
        raise Refused(
            422, "Validation Failed", errors=["Only organization repositories can have users and team restrictions"]
        )
    kept = call.repository.protections.get(branch, {})
    call.repository.protections[branch] = {**call.said, "required_signatures": kept.get("required_signatures", False)}
    return Reply(body=_protection(call, call.repository.protections[branch]))


REQUIRED = ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")


@operation("DELETE", PROTECTION, permission="administration=write", role="admin")
def unprotect(call: Call) -> Reply:
    _found(call)
    del call.repository.protections[call.at["branch"]]
    return Reply(204)


@operation("POST", f"{PROTECTION}/enforce_admins", permission="administration=write", role="admin")
def enforce_admins(call: Call) -> Reply:
    _found(call)["enforce_admins"] = True
    return Reply(body={"url": f"{_url(call)}/enforce_admins", "enabled": True})


@operation("DELETE", f"{PROTECTION}/enforce_admins", permission="administration=write", role="admin")
def spare_admins(call: Call) -> Reply:
    _found(call)["enforce_admins"] = False
    return Reply(204)


@operation("POST", f"{PROTECTION}/required_signatures", permission="administration=write", role="admin")
def require_signatures(call: Call) -> Reply:
    _found(call)["required_signatures"] = True
    return Reply(body={"url": f"{_url(call)}/required_signatures", "enabled": True})


@operation("GET", "/repos/{owner}/{repo}/rulesets", permission="metadata=read")
def rulesets(call: Call) -> Page:
    brief = {"rules", "conditions", "bypass_actors"}
    shown_ones = [_ruleset(call, each) for each in call.repository.rulesets.values()]
    return Page(shown_ones, lambda each: {name: value for name, value in each.items() if name not in brief})


@operation("POST", "/repos/{owner}/{repo}/rulesets", permission="administration=write", role="admin", creates=True)
def create_ruleset(call: Call) -> Reply:
    _check_plan(call)
    _check_ruleset(call, 0)
    number, now = call.state.next_id(), call.state.now()
    made = {"target": "branch", **call.said, "id": number, "created_at": now, "updated_at": now}
    call.repository.rulesets[number] = made
    return Reply(201, _ruleset(call, made))


@operation("GET", "/repos/{owner}/{repo}/rulesets/{ruleset_id}", permission="metadata=read")
def ruleset(call: Call) -> Reply:
    return Reply(body=_ruleset(call, _found_ruleset(call)))


@operation("PUT", "/repos/{owner}/{repo}/rulesets/{ruleset_id}", permission="administration=write", role="admin")
def update_ruleset(call: Call) -> Reply:
    found = _found_ruleset(call)
    _check_ruleset(call, found["id"])
    found |= {**call.said, "updated_at": call.state.now()}
    return Reply(body=_ruleset(call, found))


@operation("GET", "/repos/{owner}/{repo}/rules/branches/{branch}", permission="metadata=read")
def rules_of_branch(call: Call) -> Page:
    found = call.repository
    rules = [
        {**rule, "ruleset_source_type": "Repository", "ruleset_source": found.full_name, "ruleset_id": each["id"]}
        for each in found.rulesets.values()
        if each["enforcement"] == "active" and covers(found, each, call.at["branch"])
        for rule in each.get("rules") or ()
    ]
    return Page(rules, lambda each: each)


def _check_plan(call: Call) -> None:
    if call.repository.private and call.state.plan(call.repository) == "free":
        raise upgrade_needed()


def _branch(call: Call) -> str:
    if call.at["branch"] not in call.repository.branches():
        raise Refused(404, "Branch not found")
    return call.at["branch"]


def _found(call: Call) -> dict[str, Any]:
    _check_plan(call)
    found = call.repository.protections.get(_branch(call))
    if found is None:
        raise Refused(404, "Branch not protected")
    return found


def _url(call: Call) -> str:
    return f"{call.state.api}/repos/{call.repository.full_name}/branches/{call.at['branch']}/protection"


def _protection(call: Call, rules: dict[str, Any]) -> dict[str, Any]:
    url = _url(call)
    body: dict[str, Any] = {
        "url": url,
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": rules["required_signatures"]},
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": bool(rules["enforce_admins"])},
        **{name: {"enabled": bool(rules.get(name))} for name in SWITCHES},
    }
    if (checks := rules["required_status_checks"]) is not None:
        body["required_status_checks"] = _checks(url, checks)
    if (reviews := rules["required_pull_request_reviews"]) is not None:
        body["required_pull_request_reviews"] = _reviews(call, url, reviews)
    if (restrictions := rules["restrictions"]) is not None:
        body["restrictions"] = _restrictions(call, f"{url}/restrictions", restrictions)
    return body


def _checks(url: str, said: dict[str, Any]) -> dict[str, Any]:
    checks = said.get("checks") or [{"context": each} for each in said.get("contexts") or ()]
    return {
        "url": f"{url}/required_status_checks",
        "contexts_url": f"{url}/required_status_checks/contexts",
        "strict": bool(said.get("strict")),
        "contexts": [each["context"] for each in checks],
        "checks": [{"app_id": None, **each} for each in checks],
    }


def _reviews(call: Call, url: str, said: dict[str, Any]) -> dict[str, Any]:
    body = {
        "url": f"{url}/required_pull_request_reviews",
        "dismiss_stale_reviews": bool(said.get("dismiss_stale_reviews")),
        "require_code_owner_reviews": bool(said.get("require_code_owner_reviews")),
        "required_approving_review_count": said.get("required_approving_review_count", 1),
        "require_last_push_approval": bool(said.get("require_last_push_approval")),
    }
    if any((said.get("bypass_pull_request_allowances") or {}).values()):
        body["bypass_pull_request_allowances"] = _people(call, said["bypass_pull_request_allowances"])
    if any((said.get("dismissal_restrictions") or {}).values()):
        place = f"{url}/dismissal_restrictions"
        body["dismissal_restrictions"] = {
            "url": place,
            "users_url": f"{place}/users",
            "teams_url": f"{place}/teams",
            **_people(call, said["dismissal_restrictions"]),
        }
    return body


def _restrictions(call: Call, url: str, said: dict[str, Any]) -> dict[str, Any]:
    links = {"users_url": f"{url}/users", "teams_url": f"{url}/teams", "apps_url": f"{url}/apps"}
    return {"url": url, **links, **_people(call, said)}


def _people(call: Call, said: dict[str, Any]) -> dict[str, Any]:
    """Show who is named; who does not exist is left out, as GitHub does."""
    users, company = call.state.users, call.state.organizations.get(call.repository.owner.login.lower())
    teams = [company.teams[slug] for slug in said.get("teams") or () if company and slug in company.teams]
    return {
        "users": [
            shown.user(call.state, users[login.lower()]) for login in said.get("users") or () if login.lower() in users
        ],
        "teams": [shown.team(call.state, company, each) for each in teams if company],
        "apps": [],
    }


def _check_ruleset(call: Call, number: int) -> None:
    for each in call.repository.rulesets.values():
        if each["name"] == call.said.get("name") and each["id"] != number:
            raise Refused(422, "Validation Failed", errors=["Name must be unique"])
    if not number:
        call.need("name")
        call.need("enforcement")
    for pattern in ((call.said.get("conditions") or {}).get("ref_name") or {}).get("include") or ():
        if not (pattern.startswith("~") or fnmatchcase(pattern, "refs/*")):
            raise invalid("Ruleset", "conditions", "invalid", message="Invalid target patterns")


def _found_ruleset(call: Call) -> dict[str, Any]:
    number = call.at["ruleset_id"]
    found = call.repository.rulesets.get(int(number)) if number.isdigit() else None
    if found is None:
        raise not_found()
    return found


def _ruleset(call: Call, one: dict[str, Any]) -> dict[str, Any]:
    found = call.repository
    api, page = f"{call.state.api}/repos/{found.full_name}", f"{call.state.url}/{found.full_name}"
    number = one["id"]
    return {
        "conditions": {},
        "rules": [],
        "bypass_actors": [],
        **one,
        "source_type": "Repository",
        "source": found.full_name,
        "node_id": shown.node("RRS", number),
        "current_user_can_bypass": "never",
        "_links": {"self": {"href": f"{api}/rulesets/{number}"}, "html": {"href": f"{page}/rules/{number}"}},
    }
