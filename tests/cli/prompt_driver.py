"""Asks one of each question on a real terminal; prints the answers on stdout as JSON."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from scaffolder.cli.console import Console
from scaffolder.cli.prompt import Back, Candidates, Option, Prompter, prompter
from scaffolder.errors import ScaffolderError

if TYPE_CHECKING:
    from collections.abc import Callable

TEAMS = [
    Option(f"group:default/team-{number:04}", f"team-{number:04}", f"Team Number {number}") for number in range(2000)
]
PATHS = [
    Option("python-service", "python-service", "FastAPI service: tested, documented, deployable   v1.0 · 212 made"),
    Option("data-pipeline", "data-pipeline", "scheduled pipeline with data-quality checks   v1.0 · 87 made"),
]
UNKNOWN = Option("unknown", "I don't know yet")


def check_name(text: str) -> str:
    return "" if " " not in text and text else f"{text or 'nothing'}: a name has letters, digits, '-', '_' and '.'"


QUESTIONS: dict[str, Callable[[Prompter], object]] = {
    "name": lambda ask: ask.text("A name for it?", check=check_name),
    "kept": lambda ask: ask.text("What will it do?", default="Check links", help_text="in your own words"),
    "secret": lambda ask: ask.secret("Token?"),
    "lines": lambda ask: ask.multiline("Describe it"),
    "yes": lambda ask: ask.confirm("Make it?"),
    "path": lambda ask: ask.choose("Golden path", PATHS, back=True),
    "second": lambda ask: ask.choose("Golden path", PATHS, default="data-pipeline"),
    "many": lambda ask: ask.choose_many("Which of them?", PATHS, check=lambda chosen: "" if chosen else "choose one"),
    "marks": lambda ask: ask.choose_many("Which of them?", PATHS, back=True),
    "team": lambda ask: ask.find("Which team will own it?", Candidates(TEAMS, extras=[UNKNOWN])),
    "free": lambda ask: ask.find("Which system?", Candidates(TEAMS, other=lambda typed: f"new {typed}")),
}


def main() -> int:
    console = Console(sys.stdout, sys.stderr, os.environ)
    try:
        questions = prompter(console, sys.stdin)
        answers: list[object] = []
        for what in sys.argv[1:]:
            try:
                answers.append(QUESTIONS[what](questions))
            except Back as back:
                answers.append({"back": back.typed})
            except KeyboardInterrupt:
                answers.append("ctrl-c")
        console.json(answers)
    except ScaffolderError as error:
        console.error(error)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
