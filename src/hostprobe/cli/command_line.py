"""Words of our command line to a program and its arguments, as Windows takes them apart.

Source: CreateProcess (where the program ends); the C runtime's rules for arguments, which
subprocess.list2cmdline writes.
"""

import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Final

from hostprobe.errors import UsageError
from hostprobe.transport.base import Command

LONGEST: Final = 7500
"""So many characters PAExec takes, beside what is the same for all programs."""

_FIRST = re.compile(
    r'\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))(?:\s+|$)(?P<rest>.*)', re.DOTALL
)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_NAME_CHARACTERS = 40


def command(words: Sequence[str]) -> Command:
    """The program and its arguments; one word alone is a whole command line.

    Raises:
        UsageError: They name no program.
    """
    if not words:
        msg = "what is to be run? nothing stands behind --"
        raise UsageError(msg)
    if len(words) == 1:
        found = _FIRST.fullmatch(words[0])
        if found is None:
            msg = f"no program in {words[0]!r}"
            raise UsageError(msg)
        made = Command(found["quoted"] or found["plain"] or "", found["rest"])
    else:
        made = Command(words[0], subprocess.list2cmdline(words[1:]))
    return _checked(made)


def arguments(words: Sequence[str]) -> Command:
    """The arguments of a program that is brought along; one word alone is all of them."""
    text = words[0] if len(words) == 1 else subprocess.list2cmdline(words)
    return Command("", text)


def safe_name(name: str) -> str:
    """The name of a file as it is put on a host: its last characters, without odd ones.

    It ends in `.exe` where it has no extension, as Windows runs nothing without one.
    """
    path = PurePath(_UNSAFE.sub("_", name))
    stem = path.stem.lstrip("._-")[:_NAME_CHARACTERS] or "program"
    return f"{stem}{path.suffix[:8] or '.exe'}"


def require_room(texts: Iterable[str]) -> None:
    """See that PAExec takes all that it is to be told, before anything is put on a host.

    Raises:
        UsageError: It is too long, or has what is no text for Windows.
    """
    whole = "".join(texts)
    # A lone surrogate is a byte of our command line that is no text in the system's encoding.
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in whole):
        msg = "a NUL, or a byte that is no text here, stands in the command line, folder or account"
        raise UsageError(msg)
    if (length := len(whole.encode("utf-16-le")) // 2) > LONGEST:
        msg = (
            f"{length:,} characters of command line, folder and account are more than the"
            f" {LONGEST:,} that PAExec takes; pass a script on stdin, or with --copy"
        )
        raise UsageError(msg)


def _checked(made: Command) -> Command:
    if not made.executable.strip() or '"' in made.executable:
        msg = f"no program is called {made.executable!r}"
        raise UsageError(msg)
    return made
