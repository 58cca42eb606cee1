"""GitHub Actions: variables, secrets, environments, workflows."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from nacl.exceptions import CryptoError
from nacl.public import SealedBox

from tests.github import shown
from tests.github.exchange import Page, Reply
from tests.github.refusals import Refused, conflict, not_found, unprocessable
from tests.github.routing import operation

if TYPE_CHECKING:
    from tests.github.exchange import Call

ENVIRONMENT = "/repos/{owner}/{repo}/environments/{environment_name}"
Named = dict[str, dict[str, Any]]


@operation("GET", "/repos/{owner}/{repo}/actions/variables", permission="variables=read", role="write")
def variables(call: Call) -> Page:
    return Page(list(call.repository.variables.values()), lambda each: each, key="variables")


@operation("POST", "/repos/{owner}/{repo}/actions/variables", permission="variables=write", role="write")
def create_variable(call: Call) -> Reply:
    return _create_variable(call, call.repository.variables)


@operation("PATCH", "/repos/{owner}/{repo}/actions/variables/{name}", permission="variables=write", role="write")
def update_variable(call: Call) -> Reply:
    known = call.repository.variables
    found = known.pop(call.at["name"].upper(), None)
    if found is None:
        raise not_found()
    name = str(call.said.get("name", found["name"])).upper()
    known[name] = {**found, "name": name, "value": call.said.get("value", found["value"]), "updated_at": _now(call)}
    return Reply(204)


@operation("GET", "/repos/{owner}/{repo}/actions/secrets", permission="secrets=read", role="write")
def secrets(call: Call) -> Page:
    def bare(one: dict[str, Any]) -> dict[str, Any]:
        return {name: one[name] for name in ("name", "created_at", "updated_at")}

    return Page(list(call.repository.secrets.values()), bare, key="secrets")


@operation("GET", "/repos/{owner}/{repo}/actions/secrets/public-key", permission="secrets=read", role="write")
def public_key(call: Call) -> Reply:
    return Reply(body=_key(call))


@operation("PUT", "/repos/{owner}/{repo}/actions/secrets/{secret_name}", permission="secrets=write", role="write")
def put_secret(call: Call) -> Reply:
    return _put_secret(call, call.repository.secrets)


@operation("GET", "/repos/{owner}/{repo}/environments", permission="actions=read")
def environments(call: Call) -> Page:
    return Page(list(call.repository.environments.values()), lambda one: _environment(call, one), key="environments")


@operation("GET", ENVIRONMENT, permission="actions=read")
def environment(call: Call) -> Reply:
    return Reply(body=_environment(call, _found(call)))


@operation("PUT", ENVIRONMENT, permission="administration=write", role="admin")
def put_environment(call: Call) -> Reply:
    name, known = call.at["environment_name"], call.repository.environments
    _check_plan(call)
    _check_reviewers(call)
    new = {"id": call.state.next_id(), "name": name, "created_at": _now(call)}
    kept = known.get(name, {**new, "variables": {}, "secrets": {}, "policies": []})
    known[name] = {**kept, "said": call.said, "updated_at": _now(call)}
    return Reply(body=_environment(call, known[name]))


@operation("DELETE", ENVIRONMENT, permission="administration=write", role="admin")
def delete_environment(call: Call) -> Reply:
    del call.repository.environments[_found(call)["name"]]
    return Reply(204)


@operation("POST", f"{ENVIRONMENT}/deployment-branch-policies", permission="administration=write", role="admin")
def create_branch_policy(call: Call) -> Reply:
    found, name = _found(call), call.need("name")
    if not (found["said"].get("deployment_branch_policy") or {}).get("custom_branch_policies"):
        raise not_found()
    if any(each["name"] == name for each in found["policies"]):
        return Reply(303)
    number = call.state.next_id()
    made = {"id": number, "node_id": shown.node("DBP", number), "name": name, "type": call.said.get("type", "branch")}
    found["policies"].append(made)
    return Reply(body=made)


@operation("GET", f"{ENVIRONMENT}/secrets/public-key", permission="environments=read", role="write")
def environment_key(call: Call) -> Reply:
    _found(call)
    return Reply(body=_key(call))


@operation("PUT", f"{ENVIRONMENT}/secrets/{{secret_name}}", permission="environments=write", role="write")
def put_environment_secret(call: Call) -> Reply:
    return _put_secret(call, _found(call)["secrets"])


@operation("POST", f"{ENVIRONMENT}/variables", permission="environments=write", role="write")
def create_environment_variable(call: Call) -> Reply:
    return _create_variable(call, _found(call)["variables"])


@operation(
    "POST",
    "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches",
    permission="actions=write",
    role="write",
    creates=True,
)
def dispatch_workflow(call: Call) -> Reply:
    found, ref, name = call.repository, str(call.need("ref")), call.at["workflow_id"]
    workflow = found.files().get(f".github/workflows/{name}")
    if workflow is None:
        raise not_found()
    if found.git.at(ref.removeprefix("refs/heads/")) is None:
        raise unprocessable(f"No ref found for: {ref}")
    if b"workflow_dispatch" not in workflow:
        raise unprocessable("Workflow does not have 'workflow_dispatch' trigger")
    number = call.state.next_id()
    found.dispatches.append({"workflow": name, "ref": ref, "inputs": call.said.get("inputs", {}), "run": number})
    if not call.said.get("return_run_details"):
        return Reply(204)
    page = f"{call.state.url}/{found.full_name}/actions/runs/{number}"
    run = f"{call.state.api}/repos/{found.full_name}/actions/runs/{number}"
    return Reply(200, {"workflow_run_id": number, "run_url": run, "html_url": page})


@operation("POST", "/repos/{owner}/{repo}/dispatches", permission="contents=write", role="write", creates=True)
def dispatch(call: Call) -> Reply:
    said = {"event_type": call.need("event_type"), "client_payload": call.said.get("client_payload", {})}
    call.repository.dispatches.append(said)
    return Reply(204)


@operation("GET", "/repos/{owner}/{repo}/actions/oidc/customization/sub", permission="actions=read")
def oidc(call: Call) -> Reply:
    return Reply(body=call.repository.oidc)


@operation("PUT", "/repos/{owner}/{repo}/actions/oidc/customization/sub", permission="actions=write", role="write")
def set_oidc(call: Call) -> Reply:
    call.need("use_default")
    call.repository.oidc = dict(call.said)
    return Reply(201, {})


def _now(call: Call) -> str:
    return call.state.now()


def _checked(name: str) -> str:
    upper = name.upper()
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", upper) or upper.startswith("GITHUB_"):
        raise unprocessable("Name can only contain alphanumeric characters or underscores, and not begin with GITHUB_.")
    return upper


def _create_variable(call: Call, known: Named) -> Reply:
    name, value = _checked(str(call.need("name"))), call.need("value")
    if name in known:
        raise conflict("Already exists - Variable already exists")
    known[name] = {"name": name, "value": value, "created_at": _now(call), "updated_at": _now(call)}
    return Reply(201, {})


def _put_secret(call: Call, known: Named) -> Reply:
    name = _checked(call.at["secret_name"])
    if call.need("key_id") != _key(call)["key_id"]:
        raise unprocessable("Bad request - key_id is invalid")
    try:
        sealed = base64.b64decode(str(call.need("encrypted_value")), validate=True)
        value = SealedBox(call.state.sealing_key).decrypt(sealed)
    except (binascii.Error, CryptoError, ValueError):
        raise unprocessable("Bad request - sealed value is not valid") from None
    status = 204 if name in known else 201
    created = known.get(name, {}).get("created_at", _now(call))
    known[name] = {"name": name, "value": value.decode(), "created_at": created, "updated_at": _now(call)}
    return Reply(status, {} if status != 204 else None)


def _key(call: Call) -> dict[str, str]:
    key = bytes(call.state.sealing_key.public_key)
    return {"key_id": f"{call.repository.id}0", "key": base64.b64encode(key).decode()}


def _found(call: Call) -> dict[str, Any]:
    found = call.repository.environments.get(call.at["environment_name"])
    if found is None:
        raise not_found()
    return found


def _check_plan(call: Call) -> None:
    rules = call.said.get("reviewers") or call.said.get("wait_timer")
    if rules and call.repository.private and call.state.plan(call.repository) == "free":
        raise Refused(
            422,
            "Failed to create the environment protection rule. Please ensure the billing plan supports the required "
            "reviewers protection rule.",
        )


def _check_reviewers(call: Call) -> None:
    for each in call.said.get("reviewers") or ():
        if _reviewer(call, each) is None:
            raise unprocessable(f"Validation Failed: reviewer {each['id']} does not exist")


def _reviewer(call: Call, said: dict[str, Any]) -> dict[str, Any] | None:
    company = call.state.organizations.get(call.repository.owner.login.lower())
    if said["type"] == "Team":
        teams = [each for each in company.teams.values() if each.id == said["id"]] if company else []
        return {"type": "Team", "reviewer": shown.team(call.state, company, teams[0])} if teams and company else None
    people = [each for each in call.state.users.values() if each.id == said["id"]]
    return {"type": "User", "reviewer": shown.user(call.state, people[0])} if people else None


def _environment(call: Call, one: dict[str, Any]) -> dict[str, Any]:
    name, said = call.repository.full_name, one["said"]
    return {
        **{key: one[key] for key in ("id", "name", "created_at", "updated_at")},
        "node_id": shown.node("EN", one["id"]),
        "url": f"{call.state.api}/repos/{name}/environments/{one['name']}",
        "html_url": f"{call.state.url}/{name}/deployments/activity_log?environments_filter={one['name']}",
        "protection_rules": list(_rules(call, one)),
        "deployment_branch_policy": said.get("deployment_branch_policy"),
    }


def _rules(call: Call, one: dict[str, Any]) -> list[dict[str, Any]]:
    said, number = one["said"], one["id"]
    rules: list[dict[str, Any]] = []
    if said.get("wait_timer"):
        rules.append({"type": "wait_timer", "wait_timer": said["wait_timer"]})
    if said.get("reviewers"):
        reviewers = [_reviewer(call, each) for each in said["reviewers"]]
        itself = bool(said.get("prevent_self_review"))
        rules.append({"type": "required_reviewers", "prevent_self_review": itself, "reviewers": reviewers})
    if said.get("deployment_branch_policy"):
        rules.append({"type": "branch_policy"})
    return [{"id": number + at, "node_id": shown.node("GA", number + at), **rule} for at, rule in enumerate(rules)]
