"""Which question comes next, and what a change opens again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scaffolder.cli.interview import GoTo, Interview, Question
from scaffolder.cli.prompt import Back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Reply = str | Back | GoTo


class Person:
    """Answers as told, whatever is asked; remembers what was asked, and what stood there."""

    def __init__(self, *replies: Reply) -> None:
        self._replies: Iterator[Reply] = iter(replies)
        self.asked: list[str] = []
        self.found: list[str] = []
        self.answers: dict[str, str] = {}

    def question(self, key: str, *depends: str, quiet: bool = False, fixed: bool = False) -> Question:
        return Question(key, self._ask(key), partial(self.answers.get, key), depends, quiet=quiet, fixed=fixed)

    def _ask(self, key: str) -> Callable[[str], None]:
        def ask(typed: str) -> None:
            self.asked.append(key)
            self.found.append(typed)
            reply = next(self._replies)
            if isinstance(reply, Exception):
                raise reply
            self.answers[key] = reply

        return ask


def abc(person: Person) -> list[Question]:
    return [person.question("a"), person.question("b"), person.question("c", "a")]


def interview(person: Person, *answered: str, questions: Callable[[Person], list[Question]] = abc) -> Interview:
    return Interview(lambda: questions(person), list(answered))


def test_each_is_asked_once_in_order() -> None:
    person = Person("1", "2", "3")
    interview(person).finish()

    assert person.asked == ["a", "b", "c"]


def test_what_is_known_is_not_asked() -> None:
    person = Person("3")
    interview(person, "a", "b").finish()

    assert person.asked == ["c"]


def test_going_back_and_changing_nothing_asks_nothing_else() -> None:
    person = Person("1", "2", Back(), Back(), "1", "3")
    interview(person).finish()

    assert person.asked == ["a", "b", "c", "b", "a", "c"]


def test_a_change_opens_what_depends_on_it_and_nothing_else() -> None:
    person = Person("1", "2", "3", "other", "3")
    sitting = interview(person)
    sitting.finish()
    sitting.change("a")

    assert person.asked == ["a", "b", "c", "a", "c"]


def test_the_same_answer_again_opens_nothing() -> None:
    person = Person("1", "2", "3", "1")
    sitting = interview(person)
    sitting.finish()
    sitting.change("a")

    assert person.asked == ["a", "b", "c", "a"]


def test_going_back_keeps_what_was_typed() -> None:
    person = Person("1", Back("half"), "1", "2", "3")
    interview(person).finish()

    assert person.found == ["", "", "", "half", ""]


def test_the_first_question_has_none_before_it() -> None:
    person = Person(Back("half"), "1", "2", "3")
    interview(person).finish()

    assert person.asked == ["a", "a", "b", "c"]
    assert person.found[1] == "half"


def test_going_back_passes_over_what_is_fixed() -> None:
    def questions(person: Person) -> list[Question]:
        return [person.question("a"), person.question("b", fixed=True), person.question("c")]

    person = Person("1", "2", Back(), "1", "3")
    interview(person, questions=questions).finish()

    assert person.asked == ["a", "b", "c", "a", "c"]


def test_a_quiet_question_is_asked_only_to_be_changed() -> None:
    def questions(person: Person) -> list[Question]:
        return [person.question("a"), person.question("b", quiet=True), person.question("c")]

    person = Person("1", Back(), "1", "3", "2")
    sitting = interview(person, questions=questions)
    sitting.finish()
    assert person.asked == ["a", "c", "a", "c"]

    sitting.change("b")
    assert person.asked == ["a", "c", "a", "c", "b"]


def test_going_back_from_the_end_asks_the_last() -> None:
    person = Person("1", "2", "3", "3")
    sitting = interview(person)
    sitting.finish()
    sitting.step_back()

    assert person.asked[3:] == ["c"]


def test_going_back_from_a_change_leaves_the_answer() -> None:
    person = Person("1", "2", "3", Back("x"))
    sitting = interview(person)
    sitting.finish()
    sitting.change("a")

    assert person.answers["a"] == "1"
    assert person.asked[3:] == ["a"]


def test_an_answer_may_lead_to_an_earlier_question() -> None:
    person = Person("1", "2", GoTo("a"), "1", "3")
    interview(person).finish()

    assert person.asked == ["a", "b", "c", "a", "c"]


def test_an_answer_may_bring_more_questions() -> None:
    def questions(person: Person) -> list[Question]:
        more = [person.question("more")] if person.answers.get("a") == "yes" else []
        return [person.question("a"), *more, person.question("b")]

    person = Person("yes", "1", "2")
    interview(person, questions=questions).finish()

    assert person.asked == ["a", "more", "b"]


def test_an_answer_that_is_taken_for_none_is_asked_again_with_what_stood_there() -> None:
    person = Person("better")
    sitting = interview(person, "a", "b", "c")
    sitting.reopen("b", typed="bad")
    sitting.finish()

    assert (person.asked, person.found) == (["b"], ["bad"])
