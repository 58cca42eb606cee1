"""Opening a page for the person: only where there is a browser that does not take over the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaffolder.cli.console import Console

DISPLAYS = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")


def opened(console: Console, page: str) -> bool:
    """Open a web page and tell whether that was possible. Other addresses are never opened: a catalog may hold any."""
    if not page.startswith(("https://", "http://")) or not console.talks_to_a_person:
        return False
    if sys.platform != "darwin" and not any(console.environ.get(name) for name in DISPLAYS):
        return False
    import webbrowser

    return webbrowser.open(page)
