"""A script as one writes it for an Exchange protocol log: regexes a line, as PowerShell's -match.

It holds all lines of all sessions in memory, and knows no quoting beyond what the regex allows.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

_LINE: Final = re.compile(
    r"^(?P<time>[^,]+),(?P<connector>[^,]*),(?P<session>[^,]*),(?P<sequence>\d+),"
    r'(?P<local>[^,]*),(?P<remote>[^,]*),(?P<event>[+\-<>*]),(?P<data>"(?:[^"]|"")*"|.*),'
    r"(?P<context>.*)$"
)
_REPLY: Final = re.compile(r'^"?(?P<code>[2-5]\d\d)(?P<goes_on>-?)')
_COMMAND: Final = re.compile(r"^(?P<verb>[A-Z-]+)", re.IGNORECASE)
_SIZE: Final = re.compile(r"^MAIL FROM:.*SIZE=(?P<size>\d+)", re.IGNORECASE)

Line = dict[str, str]


def read(paths: Iterable[Path], time_of: Callable[[str], datetime]) -> Counter[str]:
    """How many sessions of a send log had which outcome."""
    sessions: dict[str, list[Line]] = {}
    for path in paths:
        with path.open(encoding="utf-8") as stream:
            for text in stream:
                if match := _LINE.match(text):
                    sessions.setdefault(match["session"], []).append(match.groupdict())
    return Counter(str(_session(lines, time_of)["outcome"]) for lines in sessions.values())


def parse_exact(text: str) -> datetime:
    """The time, as `[datetime]::ParseExact` reads it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def _session(lines: list[Line], time_of: Callable[[str], datetime]) -> dict[str, object]:
    """The same columns as hostprobe's, from the lines of one session."""
    times = [time_of(line["time"]) for line in lines]
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    command = reply = ""
    due = accepted = in_message = size = 0
    for line in lines:
        if line["event"] == ">" and _COMMAND.match(line["data"]):
            command, due = line["data"], 1
            if match := _SIZE.match(line["data"]):
                size = max(size, int(match["size"]))
        elif line["event"] == "<" and (match := _REPLY.match(line["data"])):
            if match["goes_on"]:
                continue
            reply, due = line["data"], 0
            accepted += in_message and match["code"].startswith("2")
            in_message = match["code"] == "354"
    last = lines[-1]
    if last["event"] != "-":
        outcome = "open"
    elif due or in_message:
        outcome = "no_reply"
    else:
        outcome = "accepted" if accepted else "other"
    return {
        "started_at": times[0],
        "connector": last["connector"],
        "peer": last["remote"],
        "command": command,
        "reply": reply,
        "wait_s": waits[-1] if waits else 0.0,
        "longest_wait_s": max(waits, default=0.0),
        "closed_by": last["context"] if last["event"] == "-" else None,
        "largest_bytes": size,
        "outcome": outcome,
    }
