"""
Writes the reference pages that follow from the code: commands, settings, actions, hooks, exit codes.

    python scripts/docs_reference.py            write docs/reference/
    python scripts/docs_reference.py --check    only tell, by the exit code, whether they are up to date
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder import errors, hookspecs, plugins, settings
from scaffolder.cli.commands import COMMANDS, OPTIONS
from scaffolder.cli.main import PROGRAM, command_line
from scaffolder.task.action import Effect
from scaffolder.task.plan import PUBLISHING

sys.path.insert(0, str(Path(__file__).parents[1]))
from scripts import backstage_actions  # run as a script, only its own directory is looked through

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaffolder.task.action import Action

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
WRITTEN_BY = "<!-- Written by scripts/docs_reference.py: change the code, then run it. -->\n"
EFFECTS = {
    Effect.NONE: "nothing",
    Effect.WORKSPACE: "the task's private workspace",
    Effect.OUTSIDE: "the world outside; it looks for its own earlier result first, and can be taken back",
}


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    made = {
        "commands.md": commands_page(),
        "settings.md": settings_page(),
        "actions.md": actions_page(),
        "backstage-actions.md": backstage_actions.page(table),
        "hooks.md": hooks_page(),
        "exit-codes.md": exit_codes_page(),
    }
    return {name: f"{WRITTEN_BY}{text.rstrip()}\n" for name, text in made.items()}


# -- commands


def commands_page() -> str:
    """Return the help of every command."""
    lines = ["# Commands", "", "Results go to stdout, the conversation to stderr.", ""]
    lines += [*table(("Command", "What it does"), [(f"`{name}`", line) for name, (*_, line) in COMMANDS.items()]), ""]
    lines += table(("Option of every command", "Meaning"), [(f"`{name}`", text) for name, text in OPTIONS.items()])
    for words, command in leaves():
        lines += ["", f"## {' '.join(words[1:])}", "", *_command(words, command)]
    return "\n".join(lines)


def leaves() -> Iterator[tuple[list[str], click.Command]]:
    """Iterate over every command that does something, with the words that call it."""
    with click.Context(command_line, info_name=PROGRAM) as context:
        for name in COMMANDS:
            command = command_line.get_command(context, name)
            assert command is not None  # noqa: S101  the table of commands names it
            yield from _leaves([PROGRAM, name], command)


def _leaves(words: list[str], command: click.Command) -> Iterator[tuple[list[str], click.Command]]:
    if not isinstance(command, click.Group):
        yield words, command
        return
    for name, inner in sorted(command.commands.items()):
        yield from _leaves([*words, name], inner)


def _command(words: Sequence[str], command: click.Command) -> list[str]:
    context = click.Context(command, info_name=" ".join(words))
    pieces = " ".join(
        ["[OPTIONS]", *(_metavar(one, context) for one in command.params if isinstance(one, click.Argument))]
    )
    options = [one for one in command.params if isinstance(one, click.Option)]
    lines = ["```text", f"{' '.join(words)} {pieces}", "```", "", *_help(command)]
    if options:
        lines += ["", *table(("Option", "Meaning"), [_option(one, context) for one in options])]
    return lines


def _help(command: click.Command) -> list[str]:
    """Return the help as Markdown; a paragraph that click must not wrap is one of code."""
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    lines: list[str] = []
    for paragraph in paragraphs:
        verbatim = paragraph.startswith("\b\n")
        text = paragraph.removeprefix("\b\n")
        lines += ["```text", text, "```", ""] if verbatim else [" ".join(text.split()), ""]
    return lines[:-1]


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    names = ", ".join(sorted(option.opts, key=len))
    values = "" if option.is_flag else f" {_metavar(option, context)}"
    default = f" Default: `{option.default}`." if option.show_default and option.default is not None else ""
    return f"`{names}{values}`", f"{option.help or ''}{default}"


def _metavar(parameter: click.Parameter, context: click.Context) -> str:
    return parameter.make_metavar(context)


# -- settings, actions, hooks, exit codes


def settings_page() -> str:
    """Return every key of the settings."""
    return f"""# Settings

Settings are read from one file. The first of these that is there holds, an option before a variable:

1. the file that `--settings` or `{settings.VARIABLE}` names;
2. the company that `--profile` or `{settings.PROFILE_VARIABLE}` names (`default` is none);
3. the nearest `{settings.FILE_NAME}` upwards from where you are;
4. the company in use: the one joined last, or chosen by `scaffolder profiles use NAME`;
5. `{settings.FILE_NAME}` in your own configuration directory.

`scaffolder init` writes one that explains every key. No file is needed: every key has a default.

{settings.reference()}
Under `scaffolder:` an unknown key is an error with its line and the nearest known one. Outside of it only the keys of
Backstage's `app-config.yaml` named above are read, so that an existing `app-config.yaml` works as it is; what else it
holds is left alone.

In what is read, `${{NAME}}` is replaced by the environment variable of that name and `${{NAME:-text}}` falls back to
`text`; `$${{NAME}}` stays as it is, with one dollar. A variable that is used and not set is an error.

## In a company's repository

`scaffolder join` reads `{settings.FILE_NAME}` from a repository, and what it says is not trusted as your own file is:

* No place on this machine is named: no absolute path, no `~`, no `file:`. An address that begins with `./` or `../`, or
  is `.`, is relative to the address of that repository, as git's own submodule addresses are. When you joined it by a
  path, `../NAME` is what lies beside it; nothing above that directory, and nothing hidden.
* `scaffolder.templates[].source` is a directory of that repository (`./paths`), as it is in the commit that was read,
  or the address of another repository.
* `catalog.locations` of type `file` are files of that repository.
* `scaffolder.localForge.root` is `../NAME`, and only when you joined by a path.
* Environment variables are not read.
* `scaffolder.leastVersion` is looked at first: an older program says how to upgrade, not that a key is unknown.

## Environment

| Variable | Meaning |
|---|---|
| `{settings.VARIABLE}` | The settings file. |
| `{settings.PROFILE_VARIABLE}` | The company whose settings, catalog and tasks are used. |
| `SCAFFOLDER_SECRET_NAME` | A secret answer called `name`, when a task that was cut short is resumed. |
| `BACKSTAGE_TOKEN` | What a Backstage is asked with; `BACKSTAGE_TOKEN_BACKSTAGE_EXAMPLE_COM` for that host alone. |
| `XDG_CONFIG_HOME` | Where your own settings live, in `scaffolder/`. |
| `XDG_DATA_HOME` | The same for the catalog, the local forge, and what was joined. |
| `XDG_STATE_HOME` | The same for tasks, the draft, and logs of bugs. |
| `XDG_CACHE_HOME` | The same for templates fetched from git. |
| `NO_COLOR`, `TERM=dumb`, `COLUMNS` | No colours; questions as plain lines; the width. |
"""


def actions_page() -> str:
    """Return every action that a step may name, with its input and output."""
    found = plugins.Actions()
    lines = [
        ACTIONS_BEGINNING,
        *table(("Action", "What it does", "Needs"), [_line(found[name]) for name in sorted(found)]),
    ]
    for name in sorted(found):
        lines += ["", f"## {name}", "", *_action(found[name])]
    return "\n".join(lines)


ACTIONS_BEGINNING = f"""# Actions

What the steps of a template can do. [A plugin adds its own](../guides/plugins.md); `scaffolder template actions` lists
what there is on a machine.

A step that publishes a repository is carried out on the forge that the settings choose, whatever host its author had in
mind: it becomes `repository:commit`, `repository:create` and `repository:push`, with the person's own answers for
owner, name and visibility; and, on GitHub, a step for each thing more that it asks for: `github:settings`,
`github:topics`, `github:access` and so on. These are understood as such steps:
{", ".join(f"`{name}`" for name in sorted(PUBLISHING))}.

Every task begins with `catalog:reserve` and ends with `directory:place`; a template without a publishing or a
registering step gets those too. The input of `catalog:reserve`, `catalog:register`, the three `repository:` actions and
`directory:place` is filled in by the plan; of a template's own `catalog:register` only `catalogInfoPath` is taken over.

Actions with Backstage's ids take [Backstage's inputs](../guides/golden-paths.md#for-github), and return what they
return there. `token` is what GitHub is asked with in that step, in place of the person's own.
"""


def _line(action: Action) -> tuple[str, str, str]:
    anchor = re.sub(r"[^a-z0-9_-]", "", action.id.lower())
    return f"[`{action.id}`](#{anchor})", action.description, NEEDS[action.forge]


NEEDS = {"": "", "github": "GitHub"}


def _action(action: Action) -> list[str]:
    needs = f" It needs {NEEDS[action.forge]}." if action.forge else ""
    lines = [f"{action.description}. It changes {EFFECTS[action.effect]}.{needs}"]
    required = action.input_schema.get("required", ())
    properties: Mapping[str, Any] = action.input_schema.get("properties", {})
    rows = [(f"`{name}`", _type(schema), "yes" if name in required else "") for name, schema in properties.items()]
    lines += ["", *table(("Input", "Type", "Required"), rows)] if rows else []
    returned = action.output_schema.get("properties", {})
    outputs = [(f"`{name}`", _type(schema)) for name, schema in returned.items()]
    return [*lines, *(["", *table(("Output", "Type"), outputs)] if outputs else [])]


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema and "type" not in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    kinds = schema.get("type", "anything")
    name = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{name} of {_type(schema['items'])}" if "items" in schema else name


def hooks_page() -> str:
    """Return every hook that a plugin may implement."""
    lines = [
        "# Hooks",
        "",
        "A plugin is an installed package with an entry point in the group `scaffolder`; what it names is a module",
        "that implements some of these. The built-in actions are registered through the same hooks. An action id that",
        "is taken stays with the one that had it first, and ours come first.",
        "",
        "For an action of your own a decorated function is enough: [Actions of your own](../guides/plugins.md).",
    ]
    for name, hook in hooks():
        signature = f"{name}{inspect.signature(hook)}".replace("'", "")
        lines += ["", f"## {name}", "", "```python", f"def {signature}: ...", "```", "", inspect.getdoc(hook) or ""]
    return "\n".join([*lines, "", HOOK_EXAMPLE])


HOOK_EXAMPLE = """## Example

```toml title="pyproject.toml"
[project.entry-points.scaffolder]
acme = "acme_scaffolder"
```

```python title="acme_scaffolder.py"
from scaffolder.hookspecs import hookimpl
from scaffolder.task.action import Action, Effect


def _greet(context, value):
    context.log(f"hello, {value['name']}")
    return {"greeted": value["name"]}


@hookimpl
def scaffolder_actions():
    return [
        Action(
            id="acme:greet",
            description="Greet somebody in the log",
            run=_greet,
            effect=Effect.NONE,
            input_schema={"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        )
    ]
```

`scaffolder doctor` lists the plugins that are installed. An action whose effect is outside brings `undo` as well, and
`predict` when later steps use its output: the plan is worked out without running it. One that only works with a kind of
forge says so in `forge`: elsewhere it is refused before anything is written.

## An encoder of your own

Similar services are found by what their words mean, for which texts become vectors. This one asks a server that your
company runs; the catalog's vectors are made anew by themselves when the name of the encoder changes.

```python title="acme_scaffolder.py"
from scaffolder.hookspecs import hookimpl


class AcmeEncoder:
    name = "acme sentences 7"
    dimensions = 768

    def encode(self, texts):
        import numpy as np
        import requests

        answer = requests.post("https://vectors.acme.example/", json=list(texts), timeout=30)
        answer.raise_for_status()
        vectors = np.array(answer.json(), np.float32).reshape(len(texts), self.dimensions)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


@hookimpl
def scaffolder_encoder():
    return AcmeEncoder()
```

`encode` gets any text, the empty one included, and returns a float32 array with a row of length 1 for each. It is
called with one text for a question, and with a few hundred at a time for a catalog."""


def hooks() -> list[tuple[str, Any]]:
    """Return every hook specification."""
    marked = f"{hookspecs.PROJECT}_spec"
    return [(name, one) for name, one in vars(hookspecs).items() if callable(one) and hasattr(one, marked)]


def exit_codes_page() -> str:
    """Return the exit codes, from the tree of errors."""
    kinds = [one for one in errors.ScaffolderError.__subclasses__() if one.__module__ == errors.__name__]
    found = {kind.exit_code: _words(kind) for kind in kinds}
    rows = [
        ("0", "Done; or *use it* was chosen; or a dry run, whatever it found."),
        *((str(c), found[c]) for c in sorted(found)),
    ]
    lines = ["# Exit codes", "", *table(("Code", "When"), rows), ""]
    return "\n".join([*lines, EXIT_CODES_END])


EXIT_CODES_END = """Usage errors are 2, too. A bug of ours is 1, and leaves a file under the state directory that is
ready to be reported. With `--json` a failure is told on stdout as well: see [JSON](json.md#failures)."""


def _words(kind: type[errors.ScaffolderError]) -> str:
    """Return when an error is raised, from the picture in the module's docstring: it says more than the class's own."""
    told = re.search(rf"{kind.__name__}\s+\d+\s+(.+)", errors.__doc__ or "")
    text = told[1] if told else kind.__doc__ or ""
    return f"{text[:1].upper()}{text[1:]}."


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table in Markdown."""
    cells = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in cells]


def main() -> int:
    """Write the pages, or tell which are out of date."""
    stale = [name for name, text in pages().items() if not _same(REFERENCE / name, text)]
    if "--check" not in sys.argv[1:]:
        REFERENCE.mkdir(parents=True, exist_ok=True)
        for name in stale:
            (REFERENCE / name).write_text(pages()[name], encoding="utf-8")
        return 0
    for name in stale:
        print(f"docs/reference/{name} is out of date: python scripts/docs_reference.py")
    return int(bool(stale))


def _same(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
