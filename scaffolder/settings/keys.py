"""Every key of `scaffolder.yaml`: what is read, and what the documentation says of it."""

from __future__ import annotations

from typing import Final, NamedTuple

from scaffolder.settings import publishing

PUBLISH: Final = "scaffolder.publish"


class Key(NamedTuple):
    """One key that is read: its documentation, and the source of `scaffolder init`'s comments."""

    name: str
    type: str
    default: str
    meaning: str
    choices: tuple[str, ...] = ()
    example: str = ""


KEYS: Final = (
    Key(
        "scaffolder.forge",
        "text",
        "local",
        "Where new repositories are made: in a directory of this machine, or on the first GitHub named below.",
        ("local", "github"),
    ),
    Key(
        "scaffolder.localForge.root",
        "path",
        "",
        "The directory that holds the local forge's repositories.",
        example="./forge",
    ),
    Key(
        "scaffolder.repositoryOwner",
        "text",
        "",
        "The OWNER of new repositories; else the organisation's name.",
        example="my-company",
    ),
    Key(
        "scaffolder.visibility",
        "text",
        "private",
        "Who may see a new repository.",
        ("private", "internal", "public"),
    ),
    Key("scaffolder.defaultBranch", "text", "main", "The first branch of a new repository."),
    Key("scaffolder.leastVersion", "text", "", "The oldest version of this tool that may be used.", example='"0.1"'),
    Key(
        "scaffolder.catalogRepository",
        "text",
        "",
        "The repository in which services are registered: a git address, which may be relative to this file's own.",
        example="../catalog.git",
    ),
    Key(
        "scaffolder.registration",
        "text",
        "merge",
        "How that is done: a branch is merged, an entry pushed, or a pull request opened; or a Backstage is told.",
        ("merge", "push", "pull-request", "backstage"),
    ),
    Key(
        "scaffolder.backstage",
        "text",
        "",
        "The address of that Backstage.",
        example="https://backstage.example.com",
    ),
    Key(
        "scaffolder.publish",
        "mapping",
        "",
        "What every new repository on GitHub gets: inputs of `publish:github`, over which a template's own are laid.",
        example="{topics: [golden-path], requiredApprovingReviewCount: 1}",
    ),
    Key(
        "scaffolder.defaultEnvironment",
        "mapping",
        "",
        "What every template finds as `environment`: `parameters` and `secrets`, each a text by its name (as in "
        "Backstage).",
        example="{parameters: {region: eu-west-1}}",
    ),
    Key("scaffolder.reservationDays", "number", "14", "A reserved name that was left behind is free after so long."),
    Key(
        "scaffolder.existsFrom",
        "number",
        "57",
        "How probable it is, in percent, that a service does the job already, from where on that is said.",
    ),
    Key("scaffolder.closeFrom", "number", "25", "The same, from where on it is called close."),
    Key("scaffolder.refreshMinutes", "number", "15", "The company's catalog is read again when it is older."),
    Key(
        "scaffolder.snapshotSigners",
        "list",
        "",
        "Public keys, as ssh writes them: a snapshot of the catalog that none of them signed is not taken.",
    ),
    Key(
        "scaffolder.trust",
        "list",
        "",
        "Sources of templates whose own code (hooks, extensions) may run: an address or a directory and all below it, "
        "`@` and a version, commit or digest for that alone. In a joined company's settings it has no effect.",
        example='["https://github.com/my-company"]',
    ),
    Key("scaffolder.templates", "list", "", "More golden paths, each with the four keys below."),
    Key("scaffolder.templates[].source", "text", "", "A directory, or a git URL.", example="../golden-paths"),
    Key("scaffolder.templates[].name", "text", "", "What to call it.", example="our-service"),
    Key("scaffolder.templates[].ref", "text", "", "A branch, tag or commit; else the default branch.", example="v1"),
    Key(
        "scaffolder.templates[].directory",
        "text",
        "",
        "Where the template is inside the source; else its root.",
        example="python",
    ),
    Key(
        "integrations.github", "list", "", "The GitHubs (as in Backstage), the one that is used first; else github.com."
    ),
    Key("integrations.github[].host", "text", "github.com", "Its host.", example="github.example.com"),
    Key(
        "integrations.github[].apiBaseUrl",
        "text",
        "",
        "Where its API is; else at the usual place.",
        example="https://github.example.com/api/v3",
    ),
    Key("organization.name", "text", "", "The company's name (as in Backstage).", example="My Company"),
    Key("catalog.locations", "list", "", "What the catalog is read from (as in Backstage)."),
    Key(
        "catalog.locations[].type",
        "text",
        "",
        "`file`, relative to this file, or `url` for a git repository; others are left alone.",
        example="file",
    ),
    Key(
        "catalog.locations[].target",
        "text",
        "",
        "A path, a glob, a repository's URL, or github:OWNER.",
        example='"./catalog/*.yaml"',
    ),
)
"""Every key that is read, in the order of the documentation."""


def reference() -> str:
    """Return the table of all keys for the documentation, in Markdown."""
    rows = ["| Key | Type | Default | Meaning |", "|---|---|---|---|"]
    for key in KEYS:
        kind = " or ".join(f"`{choice}`" for choice in key.choices) or key.type
        rows.append(f"| `{key.name}` | {kind} | {f'`{key.default}`' if key.default else ''} | {key.meaning} |")
        if key.name == PUBLISH:
            rows += [f"| `{PUBLISH}.{name}` | {kind} | | {meaning} |" for name, kind, meaning in publishing.described()]
    return "\n".join(rows) + "\n"
