"""
Answers the wizard on a pseudo-terminal, as somebody does who tries the example: `answer_wizard.py DIRECTORY COMMAND`.

COMMAND is a line for the shell, run in DIRECTORY. Afterwards the service must stand: its directory, its repository with
the pushed commit, and its entry in the catalog.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

NAME = "link-minder"
ENTER, DOWN, UP, CLEAR = "\r", "\x1b[B", "\x1b[A", "\x15"
# Each question is answered once, in whatever order they come.
ANSWERS = {
    r"Where do your services live\?": DOWN + ENTER,  # try the example
    r"What will it do\?": f"Watch that the links on our pages still work{ENTER}",
    r"A name for it\?": f"{CLEAR}{NAME}{ENTER}",
    r"Is it (one of these|this)\?(?s:.*)← Back": UP + UP + UP + ENTER,  # none, from the first of them backwards
    r"Why build it anyway\?(?s:.*)← Back": ENTER,  # how sure it is depends on how much was compared by then
    r"In one sentence": f"Ours are not public{ENTER}",
    r"Database\b": ENTER,
    r"\? Python\b": ENTER,
    r"\? Owner\b": f"{CLEAR}developer-platform{ENTER}",
    r"\? System\b": ENTER,
    r"Which team will own it\?": f"{CLEAR}developer-platform{ENTER}",
    r"Which system is it part of\?": ENTER,
    r"Your name\?": f"Fresh Machine{ENTER}",
    r"Your e-mail address\?": f"fresh@example.com{ENTER}",
    r"Make it\?(?s:.*)← Back": ENTER,
}
WHERE_AM_I, HERE = b"\x1b[6n", b"\x1b[1;1R"
ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>78])")
SECONDS = 600
A_MOMENT = 0.3


def main() -> int:
    """Walk through, then look at what was made."""
    directory, command = Path(sys.argv[1]), sys.argv[2]
    code = answered(directory, command)
    if code != 0:
        print(f"\nthe command ended with {code}")
        return 1
    return look(directory)


def answered(directory: Path, command: str) -> int:
    """Run the command to its end and return its exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execv("/bin/bash", ["bash", "-c", command])  # noqa: S606  # it is the shell
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    ends, open_questions, unread = time.monotonic() + SECONDS, dict(ANSWERS), ""
    while time.monotonic() < ends:
        chunk = read(terminal)
        if chunk is None:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        unread += ESCAPE.sub("", chunk)
        for question, answer in list(open_questions.items()):
            if re.search(question, unread):
                time.sleep(A_MOMENT)  # the question is on the screen; now it listens
                os.write(terminal, answer.encode())
                del open_questions[question]
                unread = ""
    print(f"\nno end after {SECONDS} s; still to be asked: {', '.join(open_questions)}")
    os.kill(child, 15)
    return 124


def read(terminal: int) -> str | None:
    """Return what the terminal shows next, '' when it is silent, None when it is closed."""
    if not select.select([terminal], [], [], 1)[0]:
        return ""
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        return None
    if WHERE_AM_I in chunk:
        os.write(terminal, HERE)
    sys.stdout.buffer.write(chunk)
    sys.stdout.flush()
    return chunk.decode(errors="replace") if chunk else None


def look(directory: Path) -> int:
    """Check directory, repository and catalog entry; each is read by another program than the one that made it."""
    made = directory / NAME
    local = output("git", "-C", str(made), "rev-parse", "HEAD")
    origin = output("git", "-C", str(made), "remote", "get-url", "origin")
    pushed = output("git", "--git-dir", origin, "rev-parse", "refs/heads/main")
    entry = output(str(directory / ".venv/bin/scaffolder"), "catalog", "show", NAME, "--json")
    found = {
        "a clean work tree": output("git", "-C", str(made), "status", "--porcelain") == "",
        "the commit in its repository": bool(local) and local == pushed,
        "the entry in the catalog": '"developer-platform' in entry or "group:default/developer-platform" in entry,
        "the lock": (made / ".scaffolder.yaml").is_file(),
    }
    for what, there in found.items():
        print(f"{'found' if there else 'MISSING'}: {what}")
    return 0 if all(found.values()) else 1


def output(*words: str) -> str:
    """Return what a program prints."""
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
