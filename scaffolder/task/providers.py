"""
Actions of Backstage that are not carried out here, and the package that has each there.

Looked up in the packages themselves. A step with one of them is named with its provider before anything runs; a dry run
records it, for a template is no worse for what only its Backstage can do.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODULE = "@backstage/plugin-scaffolder-backend-module-"
_BY_PACKAGE: Final[Mapping[str, tuple[str, ...]]] = {
    f"{_MODULE}bitbucket-cloud": (
        *("bitbucket:pipelines:run", "bitbucketCloud:branchRestriction:create", "publish:bitbucketCloud:pull-request"),
    ),
    f"{_MODULE}bitbucket-server": ("publish:bitbucketServer:pull-request",),
    f"{_MODULE}confluence-to-markdown": ("confluence:transform:markdown",),
    f"{_MODULE}gerrit": ("publish:gerrit:review",),
    f"{_MODULE}gitlab": (
        *("gitlab:group:access", "gitlab:group:ensureExists", "gitlab:group:migrate", "gitlab:issue:edit"),
        *("gitlab:issues:create", "gitlab:pipeline:trigger", "gitlab:projectAccessToken:create"),
        *("gitlab:projectDeployToken:create", "gitlab:projectVariable:create", "gitlab:repo:push"),
        *("gitlab:user:info", "publish:gitlab:merge-request"),
    ),
    f"{_MODULE}notifications": ("notification:send",),
    f"{_MODULE}rails": ("fetch:rails",),
    f"{_MODULE}sentry": ("sentry:fetch:dsn", "sentry:project:create"),
    f"{_MODULE}yeoman": ("run:yeoman",),
    "@roadiehq/scaffolder-backend-argocd": ("argocd:create-resources",),
    "@roadiehq/scaffolder-backend-module-http-request": ("http:backstage:request",),
    "@roadiehq/scaffolder-backend-module-utils": (
        *(
            "roadiehq:utils:fs:append",
            "roadiehq:utils:fs:parse",
            "roadiehq:utils:fs:replace",
            "roadiehq:utils:fs:write",
        ),
        *("roadiehq:utils:json:merge", "roadiehq:utils:jsonata", "roadiehq:utils:jsonata:json:transform"),
        *("roadiehq:utils:jsonata:yaml:transform", "roadiehq:utils:merge", "roadiehq:utils:serialize:json"),
        *("roadiehq:utils:serialize:yaml", "roadiehq:utils:sleep", "roadiehq:utils:zip"),
    ),
}
PROVIDERS: Final[Mapping[str, str]] = MappingProxyType(
    {action: package for package, actions in _BY_PACKAGE.items() for action in actions}
)
