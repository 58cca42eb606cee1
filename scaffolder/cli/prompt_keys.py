"""Keys of questions on a terminal: going back, leaving, and letters and arrows that take an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from questionary.prompts.common import InquirerControl

from scaffolder.cli.prompt import Back

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from questionary.question import Question

    from scaffolder.cli.prompt import Option
    from scaffolder.cli.prompt_parts import Found


def leaving() -> KeyBindings:
    """Let shift-tab go back, and ctrl-d on an empty line end the input."""
    bindings = KeyBindings()

    @bindings.add("s-tab", eager=True)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=Back(event.app.current_buffer.text))

    @bindings.add("c-d", eager=True)
    def _(event: KeyPressEvent) -> None:
        if event.app.current_buffer.text:
            event.app.current_buffer.delete()
        else:
            event.app.exit(exception=EOFError)

    return bindings


def letters(options: Sequence[Option[Any]]) -> KeyBindings:
    """Let a letter take an entry."""
    bindings = KeyBindings()

    def taking(index: int) -> Callable[[KeyPressEvent], None]:
        return lambda event: event.app.exit(result=index)

    for index, option in enumerate(options):
        if option.key:
            bindings.add(option.key, eager=True)(taking(index))
    return bindings


def back_entry(question: Question, index: int) -> KeyBindings:
    """Let Enter and space on the last entry of a list with marks go back."""
    bindings = KeyBindings()
    there = Condition(lambda: pointed(question) == index)

    @bindings.add("enter", eager=True, filter=there)
    @bindings.add("space", eager=True, filter=there)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=Back())

    return bindings


def pointed(question: Question) -> int:
    """Return which entry of a list the pointer is at."""
    controls = question.application.layout.find_all_controls()
    value: Any = next(one.get_pointed_at().value for one in controls if isinstance(one, InquirerControl))
    return int(value)


def arrows(found: Found[Any]) -> KeyBindings:
    """Let the arrows point at what was found."""
    bindings = KeyBindings()

    @bindings.add("up", eager=True)
    @bindings.add("c-p", eager=True)
    def _(event: KeyPressEvent) -> None:
        del event
        found.move(-1)

    @bindings.add("down", eager=True)
    @bindings.add("c-n", eager=True)
    def _(event: KeyPressEvent) -> None:
        del event
        found.move(1)

    return bindings
