"""PsList's and `query process`'s listings to processes.

Source: Sysinternals' `pslist`, whose names carry no extension, and `query process` (qprocess),
which prints Idle without a name and marks the rows of one's own session with `>`.
"""

import re
from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Final

from hostprobe.models import Parsed, Process
from hostprobe.probes._columns import Span, cut
from hostprobe.probes._lines import number, seconds, sift

_HEADERS_TRIED: Final = 5


def pslist_start(lines: Sequence[str]) -> int | None:
    """Where a PsList has its first process: a line that ends in two times."""
    return next((i for i, line in enumerate(lines) if _ends_in_times(line)), None)


def pslist_rows(lines: Sequence[str], start: int) -> Parsed[Process]:
    """The processes of a PsList."""
    return sift(lines, _pslist_row, head=lines[:start])


def _ends_in_times(line: str) -> bool:
    times = line.rsplit(None, 2)[1:]
    return len(times) == 2 and None not in map(seconds, times)


def _pslist_row(line: str) -> Process | None:
    # notepad            2588   8   1   48   3056     0:00:14.679     1:02:16.667
    fields = line.strip().rsplit(None, 7)  # the name may have blanks
    if len(fields) != 8:
        return None
    numbers = [number(field) for field in fields[1:6]]
    times = [seconds(field) for field in fields[6:]]
    pid, priority, threads, handles, private_kib = numbers
    cpu_time_s, elapsed_s = times
    if pid is None or private_kib is None or None in numbers or None in times:
        return None
    return Process(
        pid=pid,
        name=fields[0],
        priority=priority,
        threads=threads,
        handles=handles,
        private_bytes=private_kib * 1024,
        cpu_time_s=cpu_time_s,
        elapsed_s=elapsed_s,
    )


def query_rows(lines: Sequence[str]) -> Parsed[Process]:
    """The processes of `query process`, cut below the five words of its header."""
    headers = (i for i, line in enumerate(lines) if len(line.split(None, 5)) == 5)
    for at in islice(headers, _HEADERS_TRIED):
        words = list(re.finditer(r"\S+", lines[at]))
        session, pid_end = words[1].start(), words[3].end()
        spans = (
            (0, session),
            (session, words[2].end()),
            (words[2].end(), pid_end),
            (pid_end, None),
        )
        read = partial(_query_row, spans=spans, pid_end=pid_end)
        parsed = sift(lines, read, head=lines[: at + 1])
        if parsed.rows:
            return parsed
    return Parsed(())


def _query_row(line: str, *, spans: Sequence[Span], pid_end: int) -> Process | None:
    # >johndoe               console              1   1584  dwm.exe
    cells = cut(line, spans, pid_end)
    if cells is None:
        return None
    user, session, pid_text, name = cells
    session_name, _, session_id_text = session.rpartition(" ")
    pid, session_id = number(pid_text), number(session_id_text)
    if pid is None or session_id is None:
        return None
    return Process(
        pid=pid,
        name=name,
        session_id=session_id,
        session_name=session_name.strip() or None,
        user=user.lstrip("> ") or None,
    )
