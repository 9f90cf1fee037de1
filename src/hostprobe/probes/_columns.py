"""Text in fixed columns, as a console shows it.

Source: the tables of tasklist and `query process`. An East Asian character takes two columns of a
console and is one character of its text; whether a program counts the one or the other is not
known, so the place where the PID ends decides.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

Cells = tuple[str, ...]
Span = tuple[int, int | None]


def cut(line: str, spans: Sequence[Span], pid_end: int) -> Cells | None:
    """The texts between `spans`; None where no number ends just before column `pid_end`."""
    text = line if _ends_in_pid(line, pid_end) else _widened(line)
    if not _ends_in_pid(text, pid_end):
        return None
    return tuple(text[start:end].replace("\0", "").strip() for start, end in spans)


def _ends_in_pid(text: str, pid_end: int) -> bool:
    return text[pid_end - 1 : pid_end].isdecimal() and text[pid_end : pid_end + 1] in {"", " "}


def _widened(line: str) -> str:
    """One character for each column: a NUL follows each wide character."""
    if line.isascii():
        return line
    return "".join(c + "\0" if unicodedata.east_asian_width(c) in "WF" else c for c in line)


def unwrapped(lines: Iterable[str], indent: int) -> Iterator[str]:
    """Join lines that are blank up to column `indent` to the line that they continue."""
    parts: list[str] = []
    for line in lines:
        if parts and not line[:indent].strip():
            parts.append(line.strip())
            continue
        if parts:
            yield " ".join(parts)
        parts = [line]
    yield " ".join(parts)
