r"""A script of PowerShell that ends processes, each only if it is still the one that is meant.

Source: such a script has a function K that opens the process `$n`, compares its name with `$i` and
its start time with `$t`, a FILETIME, and kills it; and a function W that writes the outcome between
texts of its own. Of

    W 432 'victim' 134118606456789010;

each statement is read and carried out. .NET's Process knows a name without its `.exe`.
"""

import re
from dataclasses import dataclass

from hostprobe.lab.programs._base import Console
from hostprobe.lab.programs._rights import may_end
from hostprobe.lab.times import filetime

_CHECK = re.compile(
    r"function K\(\$n,\$i,\$t\)\{"
    r"try\{\$p=\[Diagnostics\.Process\]::GetProcessById\(\$n\)\}catch\{return '(?P<gone>\w+)'\};"
    r"try\{if\(-not \$p\.Handle\)\{return '(?P<denied>\w+)'\};"
    r"if\(-not \$i\.Equals\(\$p\.ProcessName,'OrdinalIgnoreCase'\)\)\{return '(?P<other>\w+)'\};"
    r"if\(\[Math\]::Abs\(\$p\.StartTime\.ToFileTimeUtc\(\)-\$t\) -gt (?P<tolerance>[0-9]{1,12})\)"
    r"\{return '(?P=other)'\};"
    r"\$p\.Kill\(\);return '(?P<killed>\w+)'\}"
)
_WRITE = re.compile(
    r"function W\(\$n,\$i,\$t\)\{'([^']*)'\+\$n\+'([^']*)'\+\(K \$n \$i \$t\)\+'([^']*)'\};"
)
_STATEMENT = re.compile(
    r"W ([0-9]{1,10}) (?:'([^']*)'|\(-join\[char\[\]\]\(([0-9,]{1,4000})\)\)) ([0-9]{1,20});"
)


@dataclass(frozen=True, slots=True)
class _Check:
    """The function K: its words, and by how much a start time may differ, in 100 ns."""

    gone: str
    denied: str
    other: str
    killed: str
    tolerance: int


def carry_out(console: Console, script: str) -> bool:
    """Do what the statements of such a script say, and write the outcome of each.

    Returns:
        False where it is another kind of script.
    """
    check, write = _CHECK.search(script), _WRITE.search(script)
    if check is None or write is None:
        return False
    gone, denied, other, killed = check.group("gone", "denied", "other", "killed")
    words = _Check(gone, denied, other, killed, int(check["tolerance"]))
    before, between, after = write.groups()
    for pid, name, codes, started in _STATEMENT.findall(script, write.end()):
        outcome = _end(console, int(pid), name or _name(codes), int(started), words)
        console.write(console.encode(f"{before}{pid}{between}{outcome}{after}\r\n"))
    return True


def _name(codes: str) -> str:
    """`97,98` as text; a unit that is none of UTF-16 is lost."""
    units = (int(code) & 0xFFFF for code in codes.split(",") if code)
    return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le", "replace")


def _end(console: Console, pid: int, name: str, started: int, check: _Check) -> str:
    """End the process if it is the one; what became of it in a word of the script's."""
    process = console.machine.processes.get(pid)
    if process is None:
        return check.gone
    if not may_end(console.token, process):
        return check.denied
    own_name = process.name[:-4] if process.name.lower().endswith(".exe") else process.name
    age_difference = abs(filetime(process.started_at) - started)
    if own_name.lower() != name.lower() or age_difference > check.tolerance:
        return check.other
    console.machine.processes.kill(pid)
    return check.killed
