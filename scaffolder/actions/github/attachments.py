"""What hangs on a repository: a webhook, a deploy key, an autolink, its pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from scaffolder.actions.github.inputs import FLAG, REPO_URL, TEXT, TEXTS, check_repository, repository_of, stays
from scaffolder.errors import InvalidInput
from scaffolder.gateways.github import attachments, variables
from scaffolder.task.action import Action, ActionContext, Effect, UndoContext, Values, object_schema

if TYPE_CHECKING:
    from scaffolder.gateways.github.attachments import Attached

_KEY_KINDS = ("ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2-nistp", "sk-ecdsa-sha2-nistp256@", "sk-ssh-ed25519@")
_PLACEHOLDER = "<num>"
_CLOCKS_DIFFER = timedelta(minutes=5)


class KeyInvalid(InvalidInput):
    """What should be a public key is none."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the publicKey of the deploy key {name} is no public key of SSH",
            hint="ssh-keygen -t ed25519 -f key   makes one, in key.pub",
        )


class AutolinkInvalid(InvalidInput):
    """An autolink's address has no place for the reference."""

    def __init__(self, template: str) -> None:
        super().__init__(
            f"the autolink's urlTemplate {template!r} has no {_PLACEHOLDER} in it",
            hint=f"one looks like https://tickets.acme.example/{_PLACEHOLDER}",
        )


def _is_made_by(context: ActionContext, found: Attached) -> bool:
    """Tell whether this task made it: just now, or before its process was cut short."""
    if found.made or not context.began_before:
        return found.made
    made_at = datetime.fromisoformat(str(found.facts["created_at"]))
    return made_at >= context.created_at - _CLOCKS_DIFFER


# -- github:webhook


def _check_webhook(context: ActionContext, value: Values) -> None:
    if not value.get("webhookSecret"):
        context.log(f"the webhook {value['webhookUrl']} has no webhookSecret: who knows the address can call it, too")
    check_repository(context, value)


def _create_webhook(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        found = attachments.ensure_webhook(repository, _hook(value))
    created = _is_made_by(context, found)
    if not created:
        context.log(f"a webhook {value['webhookUrl']} was there, and is left as it is")
    return {"webhookId": found.facts["id"], "created": created}


def _hook(value: Values) -> dict[str, Any]:
    secret = value.get("webhookSecret")
    return {
        "config": {
            "url": value["webhookUrl"],
            "content_type": value.get("contentType", "form"),
            "insecure_ssl": "1" if value.get("insecureSsl") else "0",
            **({"secret": secret} if secret else {}),
        },
        "events": list(value.get("events", ("push",))),
        "active": value.get("active", True),
    }


def _delete_webhook(context: UndoContext, value: Values, output: Values) -> str:
    with repository_of(context, value) as repository:
        if output.get("created"):
            attachments.delete(repository, "hooks", output["webhookId"])
        elif not output and repository.find("") and attachments.has_webhook(repository, value["webhookUrl"]):
            return stays(context, value, f"a webhook {value['webhookUrl']} that may be this task's")
    return ""


# -- github:deployKey:create


def _secret_name(value: Values) -> str:
    return value.get("privateKeySecretName") or f"{value['deployKeyName'].replace(' ', '_').upper()}_PRIVATE_KEY"


def _check_deploy_key(context: ActionContext, value: Values) -> None:
    if not value["publicKey"].startswith(_KEY_KINDS):
        raise KeyInvalid(value["deployKeyName"])
    check_repository(context, value)


def _create_deploy_key(context: ActionContext, value: Values) -> Values:
    name = _secret_name(value)
    with repository_of(context, value) as repository:
        found = attachments.ensure_deploy_key(repository, value["deployKeyName"], value["publicKey"])
        variables.set_secrets(repository, {name: value["privateKey"]})
    return {"privateKeySecretName": name, "keyId": found.facts["id"], "created": _is_made_by(context, found)}


def _delete_deploy_key(context: UndoContext, value: Values, output: Values) -> str:
    with repository_of(context, value) as repository:
        if repository.find("") is None:
            return ""
        if output.get("created"):
            attachments.delete(repository, "keys", output["keyId"])
            return stays(context, value, f"the secret {_secret_name(value)}")
        if not output and attachments.has_deploy_key(repository, value["publicKey"]):
            return stays(context, value, f"a deploy key {value['deployKeyName']} that may be this task's")
    return ""


# -- github:autolinks:create


def _check_autolink(context: ActionContext, value: Values) -> None:
    if _PLACEHOLDER not in value["urlTemplate"]:
        raise AutolinkInvalid(value["urlTemplate"])
    check_repository(context, value)


def _create_autolink(context: ActionContext, value: Values) -> Values:
    wanted = {
        "key_prefix": value["keyPrefix"],
        "url_template": value["urlTemplate"],
        "is_alphanumeric": value.get("isAlphanumeric", True),
    }
    with repository_of(context, value) as repository:
        found = attachments.ensure_autolink(repository, wanted)
    return {"created": found.made or context.began_before}


# -- github:pages:enable


def _enable_pages(context: ActionContext, value: Values) -> Values:
    source = {"branch": value.get("sourceBranch", "main"), "path": value.get("sourcePath", "/")}
    wanted = {"build_type": value.get("buildType", "workflow"), "source": source}
    with repository_of(context, value) as repository:
        found = attachments.ensure_pages(repository, wanted, change=repository.fresh or context.began_before)
    return {"created": found.made}


def _unless_there(context: UndoContext, value: Values, output: Values, what: str) -> str:
    """Return that something stays, unless it was there before."""
    return "" if output.get("created") is False else stays(context, value, what)


ACTIONS = [
    Action(
        id="github:webhook",
        description="Make a webhook",
        run=_create_webhook,
        check=_check_webhook,
        predict=lambda _context, _value: {"webhookId": 0, "created": True},
        undo=_delete_webhook,
        effect=Effect.OUTSIDE,
        input_schema=object_schema(
            {
                **REPO_URL,
                "webhookUrl": TEXT,
                "webhookSecret": TEXT,
                "events": TEXTS,
                "active": FLAG,
                "contentType": {"enum": ["form", "json"]},
                "insecureSsl": FLAG,
            },
            "repoUrl",
            "webhookUrl",
        ),
        describe=lambda value, output: f"webhook {value['webhookUrl']} {'made' if output['created'] else 'was there'}",
        forge="github",
        own_access=True,
        requests=lambda _value: 1,
    ),
    Action(
        id="github:deployKey:create",
        description="Let a key read and write the repository, and keep its private half as a secret",
        run=_create_deploy_key,
        check=_check_deploy_key,
        predict=lambda _context, value: {"privateKeySecretName": _secret_name(value), "keyId": 0, "created": True},
        undo=_delete_deploy_key,
        effect=Effect.OUTSIDE,
        input_schema=object_schema(
            {
                **REPO_URL,
                "publicKey": TEXT,
                "privateKey": TEXT,
                "deployKeyName": TEXT,
                "privateKeySecretName": TEXT,
            },
            *("repoUrl", "publicKey", "privateKey", "deployKeyName"),
        ),
        describe=lambda value, output: (
            f"deploy key {value['deployKeyName']}, its private half in {output['privateKeySecretName']}"
        ),
        forge="github",
        own_access=True,
        requests=lambda _value: 3,
    ),
    Action(
        id="github:autolinks:create",
        description="Make links of references",
        run=_create_autolink,
        check=_check_autolink,
        predict=lambda _context, _value: {"created": True},
        undo=lambda context, value, output: _unless_there(
            context, value, output, f"the autolink for {value['keyPrefix']}"
        ),
        effect=Effect.OUTSIDE,
        input_schema=object_schema(
            {**REPO_URL, "keyPrefix": TEXT, "urlTemplate": TEXT, "isAlphanumeric": FLAG},
            *("repoUrl", "keyPrefix", "urlTemplate"),
        ),
        describe=lambda value, _output: f"{value['keyPrefix']}… leads to {value['urlTemplate']}",
        forge="github",
        own_access=True,
        requests=lambda _value: 1,
    ),
    Action(
        id="github:pages:enable",
        description="Publish the repository's pages",
        run=_enable_pages,
        check=check_repository,
        predict=lambda _context, _value: {"created": True},
        undo=lambda context, value, output: _unless_there(context, value, output, "its pages"),
        effect=Effect.OUTSIDE,
        input_schema=object_schema(
            {
                **REPO_URL,
                "buildType": {"enum": ["legacy", "workflow"]},
                "sourceBranch": TEXT,
                "sourcePath": {"enum": ["/", "/docs"]},
            },
            "repoUrl",
        ),
        describe=lambda _value, _output: "pages published",
        forge="github",
        own_access=True,
        requests=lambda _value: 1,
    ),
]
