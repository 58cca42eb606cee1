"""
What becomes of Backstage's actions and their inputs: data for a page of the reference, held against the program.

The inputs are those of scaffolder-backend 4.0.2 and 4.2.0 and of the modules of that time, read from the actions
themselves. What is not said to be otherwise is supported, and a test looks whether it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scaffolder import plugins
from scaffolder.task import publishing
from scaffolder.task.plan import REGISTER, ROLES
from scaffolder.task.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

INPUTS = {
    "catalog:fetch": "defaultKind defaultNamespace entityRef entityRefs optional",
    "catalog:register": "catalogInfoPath catalogInfoUrl optional repoContentsUrl",
    "catalog:write": "entity filePath",
    "debug:log": "listWorkspace message",
    "debug:wait": "milliseconds minutes seconds",
    "fetch:cookiecutter": "copyWithoutRender extensions imageName targetPath url values",
    "fetch:plain": "targetPath token url",
    "fetch:plain:file": "targetPath token url",
    "fetch:template": (
        "cookiecutterCompat copyWithoutRender copyWithoutTemplating lstripBlocks replace targetPath "
        "templateFileExtension token trimBlocks url values"
    ),
    "fetch:template:file": "cookiecutterCompat lstripBlocks replace targetPath token trimBlocks url values",
    "fs:delete": "files",
    "fs:readdir": "paths recursive",
    "fs:rename": "files",
    "github:actions:dispatch": "branchOrTagName repoUrl returnWorkflowRunDetails token workflowId workflowInputs",
    "github:autolinks:create": "isAlphanumeric keyPrefix repoUrl token urlTemplate",
    "github:branch-protection:create": (
        "blockCreations branch bypassPullRequestAllowances dismissStaleReviews enforceAdmins repoUrl "
        "requireBranchesToBeUpToDate requireCodeOwnerReviews requireLastPushApproval requiredApprovingReviewCount "
        "requiredCommitSigning requiredConversationResolution requiredLinearHistory requiredStatusCheckContexts "
        "restrictions token"
    ),
    "github:deployKey:create": "deployKeyName privateKey privateKeySecretName publicKey repoUrl token",
    "github:environment:create": (
        "customBranchPolicyNames customTagPolicyNames deploymentBranchPolicy environmentVariables name "
        "preventSelfReview repoUrl reviewers secrets token waitTimer"
    ),
    "github:issues:create": "assignees body labels milestone repoUrl title token",
    "github:issues:label": "labels number repoUrl token",
    "github:pages:enable": "buildType repoUrl sourceBranch sourcePath token",
    "github:repo:create": (
        "access allowAutoMerge allowMergeCommit allowRebaseMerge allowSquashMerge allowUpdateBranch autoInit "
        "collaborators customProperties deleteBranchOnMerge description hasIssues hasProjects hasWiki homepage "
        "oidcCustomization repoUrl repoVariables repoVisibility secrets squashMergeCommitMessage "
        "squashMergeCommitTitle subscribe token topics workflowAccess"
    ),
    "github:repo:push": (
        "bypassPullRequestAllowances defaultBranch dismissStaleReviews gitAuthorEmail gitAuthorName "
        "gitCommitMessage protectDefaultBranch protectEnforceAdmins repoUrl requireBranchesToBeUpToDate "
        "requireCodeOwnerReviews requireLastPushApproval requiredApprovingReviewCount requiredCommitSigning "
        "requiredConversationResolution requiredLinearHistory requiredStatusCheckContexts restrictions sourcePath "
        "token"
    ),
    "github:webhook": "active contentType events insecureSsl repoUrl token webhookSecret webhookUrl",
    "publish:azure": (
        "defaultBranch description gitAuthorEmail gitAuthorName gitCommitMessage repoUrl signCommit sourcePath token"
    ),
    "publish:bitbucketCloud": (
        "defaultBranch description gitCommitMessage repoUrl repoVisibility signCommit sourcePath token"
    ),
    "publish:bitbucketServer": (
        "defaultBranch description enableLFS gitAuthorEmail gitAuthorName gitCommitMessage repoUrl repoVisibility "
        "signCommit sourcePath token"
    ),
    "publish:gerrit": (
        "defaultBranch description gitAuthorEmail gitAuthorName gitCommitMessage repoUrl signCommit sourcePath"
    ),
    "publish:gitea": (
        "defaultBranch description gitAuthorEmail gitAuthorName gitCommitMessage repoUrl repoVisibility "
        "signCommit sourcePath"
    ),
    "publish:github": (
        "access allowAutoMerge allowMergeCommit allowRebaseMerge allowSquashMerge allowUpdateBranch "
        "bypassPullRequestAllowances collaborators customProperties defaultBranch deleteBranchOnMerge description "
        "dismissStaleReviews gitAuthorEmail gitAuthorName gitCommitMessage hasIssues hasProjects hasWiki homepage "
        "oidcCustomization protectDefaultBranch protectEnforceAdmins repoUrl repoVariables repoVisibility "
        "requireBranchesToBeUpToDate requireCodeOwnerReviews requireLastPushApproval requiredApprovingReviewCount "
        "requiredCommitSigning requiredConversationResolution requiredLinearHistory requiredStatusCheckContexts "
        "restrictions secrets sourcePath squashMergeCommitMessage squashMergeCommitTitle subscribe token topics"
    ),
    "publish:github:pull-request": (
        "assignees branchName commitMessage createWhenEmpty description draft filesToDelete forceEmptyGitAuthor "
        "forceFork gitAuthorEmail gitAuthorName repoUrl reviewers sourcePath targetBranchName targetPath "
        "teamReviewers title token update"
    ),
    "publish:gitlab": (
        "branches defaultBranch gitAuthorEmail gitAuthorName gitCommitMessage ownerUsername projectVariables "
        "repoUrl repoVisibility setUserAsOwner settings signCommit skipExisting sourcePath token topics"
    ),
    "workspace:template": (
        "cookiecutterCompat copyWithoutTemplating replace sourcePath targetPath templateFileExtension values"
    ),
    "workspace:template:file": "cookiecutterCompat replace sourcePath targetPath values",
}
"""Every action that is carried out here, with Backstage's inputs."""


class Said(NamedTuple):
    """What an input means here: `supported`, `different`, `no effect` or `missing`, and why."""

    here: str
    why: str = ""


DIFFERENT, NO_EFFECT, MISSING = "different", "no effect", "missing"
_TOKEN = Said(DIFFERENT, "a repository elsewhere is read with the person's own access, as git has it")
_PUBLISHED = {
    "repoUrl": Said(DIFFERENT, "the forge is the settings' or `--forge`'s, owner and name the person's (`--repo`)"),
    "description": Said(DIFFERENT, "it is the purpose that the person has given"),
    "repoVisibility": Said(DIFFERENT, "the person's answer; `--visibility`"),
    "defaultBranch": Said(DIFFERENT, "it is `scaffolder.defaultBranch` of the settings"),
    "token": Said(NO_EFFECT, "the person's own access is used"),
    "gitAuthorName": Said(NO_EFFECT, "the commit is the person's, as git knows them"),
    "gitAuthorEmail": Said(NO_EFFECT, "the commit is the person's, as git knows them"),
    "signCommit": Said(NO_EFFECT, "the first commit is not signed"),
    "autoInit": Said(NO_EFFECT, "the first push brings the first commit"),
    "workflowAccess": Said(NO_EFFECT, "not built yet; the plan says so"),
}
_THERE_ONLY = Said(NO_EFFECT, "it is for that host only; the plan says so")
_REGISTERED = Said(DIFFERENT, "what is registered is what the task has made; in a dry run it is taken as it is")
NOTES = {
    ("catalog:register", "catalogInfoUrl"): _REGISTERED,
    ("catalog:register", "optional"): _REGISTERED,
    ("catalog:register", "repoContentsUrl"): _REGISTERED,
    ("fetch:cookiecutter", "extensions"): Said(DIFFERENT, "loaded only where the template is trusted (`--trust`)"),
    ("fetch:cookiecutter", "imageName"): Said(NO_EFFECT, "it is rendered here, without a container"),
    ("fetch:template", "copyWithoutRender"): Said(NO_EFFECT, "as in Backstage 4; a warning says so"),
    **{(f"fetch:{name}", "token"): _TOKEN for name in ("plain", "plain:file", "template", "template:file")},
    ("github:environment:create", "reviewers"): Said(DIFFERENT, "one that GitHub does not know is an error"),
    ("publish:github:pull-request", "forceEmptyGitAuthor"): Said(NO_EFFECT, "the commit is the person's"),
    ("publish:github:pull-request", "forceFork"): Said(DIFFERENT, "it is an error: nothing is forked"),
    ("workspace:template", "copyWithoutTemplating"): Said(
        DIFFERENT, "it may be left out; scaffolder-backend 4.2 wants it"
    ),
}


def said(action: str, name: str) -> Said:
    """Return what an input means here."""
    if action in ROLES:
        return _PUBLISHED.get(name) or (_THERE_ONLY if publishing.unused({name: None}) else Said("supported"))
    return NOTES.get((action, name), Said("supported"))


def mistakes() -> Iterator[str]:
    """Iterate over what the table says and the program does not do."""
    ours = plugins.Actions()
    for action, inputs in INPUTS.items():
        for name in inputs.split():
            here = said(action, name).here
            if action in ROLES:
                if bool(publishing.unused({name: None})) is not (here in {NO_EFFECT, MISSING}):
                    yield f"{action}: {name} is {here}"
            elif action != REGISTER and (name not in ours[action].input_schema["properties"]) is not (here == MISSING):
                yield f"{action}: {name} is {here}"
        if action not in ROLES | {REGISTER}:
            added = ours[action].input_schema["properties"].keys() - set(inputs.split()) - ADDED.get(action, set())
            yield from (f"{action}: {name} is not Backstage's" for name in sorted(added))


ADDED = {name: {"trimBlocks", "lstripBlocks"} for name in ("workspace:template", "workspace:template:file")}
"""Inputs that only we have."""


def page(table: Callable[[Sequence[str], Sequence[Sequence[str]]], list[str]]) -> str:
    """Return the page; `table` writes one in Markdown."""
    lines = [BEGINNING, *table(("Action", "Inputs", "Not as there"), [_summary(action) for action in INPUTS])]
    lines += [
        "",
        ODD,
        ELSEWHERE,
        *table(("Action", "Backstage has it from"), [_elsewhere(one) for one in sorted(PROVIDERS)]),
    ]
    for action, inputs in INPUTS.items():
        rows = [(f"`{name}`", *said(action, name)) for name in inputs.split()]
        rows += [(f"`{name}`", "only here", "") for name in sorted(ADDED.get(action, ()))]
        lines += ["", f"## {action}", "", *table(("Input", "Here", "Why"), rows)]
    return "\n".join(lines)


def _summary(action: str) -> tuple[str, str, str]:
    inputs = INPUTS[action].split()
    other = [f"`{name}`" for name in inputs if said(action, name).here != "supported"]
    return f"`{action}`", str(len(inputs)), ", ".join(other)


def _elsewhere(action: str) -> tuple[str, str]:
    return f"`{action}`", f"`{PROVIDERS[action]}`"


BEGINNING = """# Backstage's actions

What becomes of each action of a Backstage template, and of each of its inputs:

*supported*
:   It does here what it does there.

*different*
:   It is understood, and something else is done, for the reason given.

*no effect*
:   It is accepted, and nothing is done about it.

*missing*
:   A step that says it is an error in the plan, before anything runs.

Outputs have the names they have there. The steps that publish a repository are carried out on GitHub, or as a bare
repository on your own disk, whatever their host; what only GitHub has is left out on the disk, and the plan says so.
`allowedHosts`, which is no input of theirs, is accepted with a warning. [Bring your Backstage
templates](../guides/backstage-templates.md) says how such a template is tried out.
"""
ODD = """## Odd inputs

Where an input is not what an action is made for, it ends as it does there, but for this:

| There | Here |
| --- | --- |
| `debug:log` with `listWorkspace` fails when a link leads nowhere | the link is listed |
| `fetch:template:file` and `workspace:template:file` damage a file that is no text | it is copied |
| A name that begins with two dots (`..x`) is refused | it is a name |
| `fetch:plain` fails where a link to a directory stands in its place | what it leads to gets the files |
| `workspace:template` fails without `copyWithoutTemplating`, and with `trimBlocks` | both are taken |
| An `input` that is a list, a number or yes is the step's failure | the template is refused when it is read |
| Several steps with one `id` | the later ones have a number after it in the list of steps |
| `copyWithoutTemplating` with braces that are not closed (`*{{*`) matches nothing | they are taken for what they are |
| `targetPath: ""` is refused, or nothing is done, by the version of the engine | it is an error |
"""
ELSEWHERE = """## Not here

A template with one of these is tried out all the same: a dry run records the step with its input, says that nothing of
it was done, and goes on. `new` names it, and its package, before anything runs. [A plugin](../guides/plugins.md) can
provide it under the same id. Any other action that is not known is an error in a dry run too.
"""
