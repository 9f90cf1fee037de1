"""tasklist's cells to processes.

Source: `tasklist`, with /svc, /m and /v. Go by the number of the columns, not by the switch that
was asked for: Wine's /svc prints the plain five.
"""

from collections.abc import Collection, Sequence
from typing import Final

from hostprobe.models import Parsed, Process
from hostprobe.probes._columns import Cells
from hostprobe.probes._lines import seconds

_ABSENT: Final = frozenset({"", "N/A", "\u041d/\u0414"})  # the last is Russian


def processes(records: Parsed[Cells]) -> Parsed[Process]:
    """What cells say; all must have as many columns."""
    return Parsed(_processes(records.rows), records.unparsed)


def _processes(records: Sequence[Cells]) -> tuple[Process, ...]:
    # Neither Idle nor System has services or a window: what they have is the word for "none".
    none = {cells[-1] for cells in records if cells[1] in {"0", "4"} and len(cells) in {3, 9}}
    absent = _ABSENT | none
    if records and len(records[0]) == 3:
        return _with_services(records, absent)
    return tuple(_process(cells, absent) for cells in records)


def _with_services(records: Sequence[Cells], absent: Collection[str]) -> tuple[Process, ...]:
    """Processes with their services; without where the third column has modules (/m)."""
    contents = [_names(cells[2], absent) for cells in records]
    names = [name.lower() for content in contents for name in content]
    has_modules = 2 * sum(name.endswith(".dll") for name in names) > len(names)
    return tuple(
        Process(pid=int(pid), name=name, services=None if has_modules else content)
        for (name, pid, _), content in zip(records, contents, strict=True)
    )


def _names(text: str, absent: Collection[str]) -> tuple[str, ...]:
    """`Dhcp, eventlog,` as names."""
    if text in absent:
        return ()
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _process(cells: Cells, absent: Collection[str]) -> Process:
    name, pid, session_name, session_id, memory, *details = cells
    user, cpu_time = details[1:3] if details else ("", "")
    return Process(
        pid=int(pid),
        name=name,
        session_name=None if session_name in absent else session_name,
        session_id=int(session_id),
        memory_bytes=_memory_bytes(memory),
        user=None if user in absent else user,
        cpu_time_s=seconds(cpu_time),
    )


def _memory_bytes(text: str) -> int | None:
    """`20.828 K`, `6 880 Ko` or `4,840 КБ`: whole KiB whatever stands between; None for `N/A`."""
    digits = "".join(filter(str.isdecimal, text))
    return int(digits) * 1024 if digits else None
