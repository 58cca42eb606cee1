"""`scaffolder template show`: what a template asks, does and makes, and what of its own code it would run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.app.examples import slug
from scaffolder.cli.unmarked import unmarked
from scaffolder.template.readme import described
from scaffolder.template.typed_answers import as_read, as_typed
from scaffolder.template.wording import FORMATS, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.cli.main import Session
    from scaffolder.template.manifest import Page, Step, Template
    from scaffolder.template.question import Choice, Question
    from scaffolder.template.source import Resolved

KINDS = {
    "boolean": "yes or no",
    "integer": "a whole number",
    "number": "a number",
    "secret": "a secret",
    "multiline": "lines of text",
    "list": "a list",
    "row": "a list",
    "entries": "a list, entry by entry",
    "json": "names and values",
}
PICKERS = {
    "EntityPicker": "an entity of the catalog",
    "MultiEntityPicker": "entities of the catalog",
    "OwnerPicker": "a team or a person of the catalog",
    "MyGroupsPicker": "one of your teams",
    "OwnedEntityPicker": "an entity of the catalog that is yours",
    "EntityNamePicker": "a name",
    "EntityTagsPicker": "tags",
    "RepoUrlPicker": "a repository",
    "RepoBranchPicker": "a branch",
    "RepoOwnerPicker": "an owner of repositories",
}
"""What the fields of a form ask for."""


def show_template(session: Session, reference: str, *, ref: str, directory: str, as_json: bool) -> int:
    """Print everything about one template."""
    resolved, found = session.app.template(reference, ref=ref, directory=directory)
    found = described(found, resolved.tree)
    if as_json:
        session.console.json(_as_json(resolved, found))
    else:
        _print(session, resolved, found)
    return 0


def show_code(session: Session, reference: str, *, ref: str, directory: str) -> int:
    """Print the texts of what one template would run on this machine."""
    from scaffolder.cli.trust import show
    from scaffolder.template.bringing import code_of

    code = code_of(*session.app.template(reference, ref=ref, directory=directory))
    show(code, width=session.console.width, say=session.console.result)
    return 0


def _print(session: Session, resolved: Resolved, found: Template) -> None:
    session.console.fields(
        [
            ("name", found.name),
            ("title", found.title if found.title != found.name else ""),
            ("what", unmarked(found.description)),
            ("owner", found.owner),
            ("tags", ", ".join(found.tags)),
            ("version", found.version),
            ("source", resolved.place),
            ("commit", resolved.source.commit),
            ("digest", resolved.source.digest),
        ]
    )
    _print_code(session, resolved, found)
    _print_tokens(session, found)
    for answers in _variants(found):
        _print_questions(session, found, answers)
    if found.dialect != "cookiecutter":  # there is one step, which is what the whole is about
        _print_steps(session, found)
    for answers in _variants(found):
        _print_files(session, _made(resolved, found, answers), answers)


def _print_code(session: Session, resolved: Resolved, found: Template) -> None:
    """Say what would run on this machine: it is asked for before anything is made."""
    from scaffolder.template.trust import wanted

    if lines := wanted(resolved, found).lines():
        session.console.result()
        session.console.result("Wants to run its own code on this machine, and is asked about it first")
        for line in lines:
            session.console.result(f"  {line}")
        session.console.result("  To read it: --code")


def _print_tokens(session: Session, found: Template) -> None:
    """Say which steps want the person's own token: they are asked about it, too."""
    from scaffolder.app.lending import asking, wanted_by

    if not any(asking(found)):
        return
    from scaffolder.plugins import Actions

    for name, steps in wanted_by(found, Actions()).items():
        session.console.result()
        session.console.result(f"Wants your token, as {name}, for {', '.join(steps)}")


def _print_questions(session: Session, found: Template, answers: Mapping[str, Any]) -> None:
    console, pages = session.console, _pages(found, answers)
    for number, (title, questions) in enumerate(pages, 1):
        console.result()
        console.result(f"Asks: {title}" if title else f"Asks{_which(answers, number, len(pages))}")
        follows = found.pages[number - 1].follows
        console.fields([(one.name, " · ".join(_facts(one, follows.get(one.name, ())))) for one in questions])
        if more := _asked_otherwise(found.pages[number - 1], questions):
            console.result(f"After other answers, too: {', '.join(more)}")


def _asked_otherwise(page: Page, questions: list[Question]) -> list[str]:
    """Return the names of what a page asks only after answers other than its defaults."""
    from scaffolder.template.fields import every, is_form
    from scaffolder.template.places import dotted
    from scaffolder.template.question import is_asked

    if page.computed:
        return []
    shown = {one.name for one in questions}
    possible = [place for place, rule in every(page.schema) if is_asked(rule) and not is_form(rule)]
    around = {place[:-1] for place in possible}
    answered = dict.fromkeys(dotted(place) for place in possible if place not in around)
    return [name for name in answered if name not in shown]


def _which(answers: Mapping[str, Any], number: int, pages: int) -> str:
    if answers:
        return f", where {_taken(answers)}"
    return f" (page {number})" if pages > 1 else ""


def _taken(answers: Mapping[str, Any]) -> str:
    return " and ".join(f"{name} is {as_text(value)}" for name, value in answers.items())


def _print_steps(session: Session, found: Template) -> None:
    session.console.result()
    session.console.result("Does")
    session.console.table([(step.id, step.action, step.name, _condition(step)) for step in found.steps])


def _print_files(session: Session, files: list[str], answers: Mapping[str, Any]) -> None:
    session.console.result()
    where = f", where {_taken(answers)}" if answers else ""
    if not files:
        session.console.result(f"Makes no files of its own{where}")
        return
    many = "1 file" if len(files) == 1 else f"{len(files)} files"
    session.console.result(f"Makes {many}{where} (names as the template has them)")
    session.console.tree(files, to_stdout=True)


def _condition(step: Step) -> str:
    """Say in a word or two when a step runs."""
    from scaffolder.template.expressions import ABSENT

    parts = [("if", step.if_), ("for each", step.each)]
    return ", ".join(f"{word} {as_text(value)}" for word, value in parts if value is not ABSENT)


def _variants(found: Template) -> list[dict[str, Any]]:
    """Return the answers that lead to each of the templates within one; a template has usually none, and one way."""
    return [{"template": name} for name in found.within] or [{}]


def _pages(found: Template, answers: Mapping[str, Any]) -> list[tuple[str, list[Question]]]:
    """Return each page's title and what it asks of somebody who takes every other default."""
    from scaffolder.template.parameters import questions, with_defaults

    complete = with_defaults(found, answers)
    return [(page.title, questions(page, complete)) for page in found.pages]


def _facts(question: Question, follows: tuple[str, ...]) -> list[str]:
    """Return what there is to say of a question: what it is about, what can be answered, what is taken otherwise."""
    described = unmarked(question.description) or question.title
    said = described if described != question.name else ""
    return list(filter(None, [said, _answer(question), *_otherwise(question, follows)])) or ["a text"]


def _answer(question: Question) -> str:
    """Say what can be answered; a text is not worth a word."""
    if question.choices:
        some = "some of" if question.kind == "choices" else "one of"
        return f"{some}: {', '.join(map(_choice, question.choices))}"
    what, _example = FORMATS.get(question.format, ("", ""))
    return PICKERS.get(question.picker, question.picker) or KINDS.get(question.kind, "") or what


def _choice(choice: Choice) -> str:
    """Return a choice as it is typed, with what the form calls it where that says more."""
    typed = _value(choice.value)
    return typed if slug(choice.label) == slug(typed) else f"{typed} ({choice.label})"


def _otherwise(question: Question, follows: tuple[str, ...]) -> list[str]:
    """Say what is taken where nothing is answered, and what that is made from."""
    made = f"follows {follows[-1]}" if follows[-1:] not in ((), ("template",)) else ""
    if question.default in (None, "", [], {}):
        needed = "needed" if question.required else ""
        return [needed, made or question.help]
    return [", ".join(filter(None, [f"default {_default(question)}", made]))]


def _default(question: Question) -> str:
    """Return a default as a person types it; what cannot be typed in a line, as one reads it."""
    value = question.default
    if isinstance(value, bool):
        return _value(value)
    return as_read(question, value) if question.kind == "entries" else as_typed(question, value)


def _value(value: Any) -> str:
    """Return a value as a person types it."""
    return ("no", "yes")[value] if isinstance(value, bool) else as_text(value)


def _made(resolved: Resolved, found: Template, answers: Mapping[str, Any]) -> list[str]:
    """Return the paths of the skeletons that the steps fetch, as they stand in the template."""
    from scaffolder.errors import InvalidInput
    from scaffolder.template.cookiecutter import chosen, project_directory

    if found.dialect == "cookiecutter":
        own = resolved.root.under(chosen(resolved.root, answers, directory=resolved.directory))
        try:
            return sorted(own.under(project_directory(own)))
        except InvalidInput:
            return []  # a hook makes it
    paths: set[str] = set()
    for step in found.steps:
        url = step.input.get("url") if step.action.startswith("fetch:") and isinstance(step.input, dict) else None
        if not isinstance(url, str) or "://" in url or "${{" in url:
            continue
        try:
            paths.update(resolved.fetch(url))
        except InvalidInput:
            continue  # running the template says so, with its step
    return sorted(paths)


def _as_json(resolved: Resolved, found: Template) -> dict[str, Any]:
    source = resolved.source
    variants = _variants(found)
    each = [{**answers, **_variant_as_json(resolved, found, answers)} for answers in variants if answers]
    return {
        "name": found.name,
        "title": found.title,
        "description": found.description,
        "owner": found.owner,
        "type": found.type,
        "tags": list(found.tags),
        "version": found.version,
        "dialect": found.dialect,
        "source": {
            "location": source.location,
            "path": source.path,
            "commit": source.commit,
            "digest": source.digest,
        },
        **_variant_as_json(resolved, found, variants[0]),
        "steps": [{"id": step.id, "name": step.name, "action": step.action} for step in found.steps],
        "hooks": list(found.hooks),
        "extensions": list(found.extensions),
        **({"templates": each} if each else {}),
    }


def _variant_as_json(resolved: Resolved, found: Template, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked and made."""
    return {
        "pages": [
            {"title": title, "questions": [_question_as_json(question) for question in questions]}
            for title, questions in _pages(found, answers)
        ],
        "files": _made(resolved, found, answers),
    }


def _question_as_json(question: Question) -> dict[str, Any]:
    return {
        "name": question.name,
        "title": question.title,
        "description": question.description,
        "type": question.kind,
        "required": question.required,
        "default": question.default,
        "picker": question.picker,
        "choices": [{"value": choice.value, "label": choice.label} for choice in question.choices],
    }
