r"""A script of PowerShell that writes records about what WMI finds.

Source: such a script has a function Q that asks WMI and a function W that writes one record, its
fields separated by TABs, control characters made blanks, cut at 4096 characters; of

    try{foreach($c in Q 'namespace' 'SELECT a,b FROM Class'){W ('C',$c.a,$c.b)}}catch{}

each `foreach` and each `W (...)` is read and carried out. The answer is UTF-8, in one write.
"""

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.programs import _wmi as wmi
from hostprobe.lab.programs._base import Console
from hostprobe.lab.programs._version import version
from hostprobe.lab.times import filetime

_MARK = "Management.ManagementObjectSearcher"
_STEP = re.compile(
    r"foreach\(\$(?P<name>\w+) in Q '(?P<namespace>[^']*)' '(?P<query>[^']*)'\)"
    r"|(?:if\(\$(?P<tested>\w+)\.(?P<property>\w+)\)\{)?"
    r"\bW \((?P<fields>(?:[^()]|\([^()]*\))*)\)(?P<counts>;\$n\+\+)?"
)
_CONSTANT = re.compile(r"'([^']*)'|([0-9]+)")
_PROPERTY = re.compile(r"\$\w+\.(\w+)")
_USER = re.compile(r"\$u\[\[string\]\$(\w+)\.ProcessId\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_FIELD = 4096
_MOST_RECORDS = 32
_MOST_FIELDS = 32
_POWERSHELL_WITH_USERS = 4  # Get-Process -IncludeUserName came with it


@dataclass(slots=True)
class _Scope:
    """What an expression can see.

    Attributes:
        users: Whose each process is, by PID.
        row: The object that a loop is at.
        count: `$n`.
    """

    machine: Machine
    users: Mapping[int, str]
    row: wmi.Row = field(default_factory=dict)
    count: int = 0


_Field = Callable[[_Scope], wmi.Value]

_GLOBALS: dict[str, _Field] = {
    "$n": lambda scope: scope.count,
    "[DateTime]::UtcNow.ToFileTimeUtc()": lambda scope: filetime(scope.machine.now()),
    "[Environment]::OSVersion.Version": lambda scope: f"{version(scope.machine.windows)}.0",
    "$PSVersionTable.PSVersion": lambda scope: scope.machine.windows.powershell,
}


@dataclass(frozen=True, slots=True)
class _Record:
    """One `W (...)`.

    Attributes:
        source: Namespace and query whose rows it is written for; None: it is written once.
        tested: The property without which a row is passed over.
        counts: Whether it adds one to `$n`.
    """

    source: tuple[str, str] | None
    fields: tuple[_Field, ...]
    tested: str | None
    counts: bool


class NotUnderstoodError(Exception):
    """The script has an expression that this emulation does not know."""


def is_query(script: str) -> bool:
    """Whether a script is of this kind."""
    return _MARK in script


def answer(console: Console, script: str) -> bytes:
    """What the script writes.

    Raises:
        NotUnderstoodError: It does something else too.
        InvalidQueryError: WMI has no such class or property.
    """
    scope = _Scope(console.machine, _users(console))
    lines: list[str] = []
    for record in _records(script):
        for row in _rows(scope.machine, record):
            if record.tested is None or row.get(record.tested):
                scope.row = row
                lines.append("\t".join([_text(field(scope)) for field in record.fields]))
                scope.count += record.counts
    return "".join(f"{line}\n" for line in lines).encode(errors="replace")


def _rows(machine: Machine, record: _Record) -> Iterable[wmi.Row]:
    if record.source is None:
        return ({},)
    try:
        return wmi.query(machine, *record.source)
    except wmi.InvalidNamespaceError:
        return ()  # the script goes on without


def _users(console: Console) -> Mapping[int, str]:
    """Whose each process is, as far as PowerShell tells."""
    major = int((console.machine.windows.powershell or "0").partition(".")[0])
    if major < _POWERSHELL_WITH_USERS or not console.token.is_elevated:
        return {}
    return {process.pid: process.user for process in console.machine.processes}


def _text(value: wmi.Value) -> str:
    text = "" if value is None else str(value)
    if not text.isprintable():
        text = _CONTROL.sub(" ", text)
    return text[:_LONGEST_FIELD]


@functools.lru_cache(64)
def _records(script: str) -> tuple[_Record, ...]:
    """What a script writes, in its order."""
    loops: dict[str, tuple[str, str]] = {}
    records: list[_Record] = []
    for step in _STEP.finditer(script):
        if step["name"]:
            loops[step["name"]] = step["namespace"], step["query"]
            continue
        names = re.findall(r"\$(\w+)\.", step["fields"])
        records.append(
            _Record(
                source=next((loops[name] for name in names if name in loops), None),
                fields=tuple(_field(text) for text in step["fields"].split(",")),
                tested=step["property"].lower() if step["property"] else None,
                counts=step["counts"] is not None,
            )
        )
        if len(records) > _MOST_RECORDS or len(records[-1].fields) > _MOST_FIELDS:
            raise NotUnderstoodError(step[0])
    return tuple(records)


def _field(text: str) -> _Field:
    """An expression between two commas."""
    if text in _GLOBALS:
        return _GLOBALS[text]
    if match := _CONSTANT.fullmatch(text):
        constant = match[1] or match[2]
        return lambda _scope: constant
    if match := _PROPERTY.fullmatch(text):
        name = match[1].lower()
        return lambda scope: scope.row[name]
    if _USER.fullmatch(text):
        return lambda scope: scope.users.get(int(scope.row["processid"] or 0))
    raise NotUnderstoodError(text)
