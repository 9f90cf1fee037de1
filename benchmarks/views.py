"""What memory and time the views over many hosts take; no bed and no network, not on Windows.

Each run is a process of its own that asks hosts which answer out of a script, 400 rows each, all of
them different. Beside the answers' own time, what is measured is to sort, to count and to write.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from benchmarks.rounds import python, verdict

from hostprobe import snapshot
from hostprobe.analysis.owners import OwnedConnection, owned
from hostprobe.cli import survey
from hostprobe.cli.options import (
    FormatName,
    HostOptions,
    OutputOptions,
    SweepOptions,
    ViewOptions,
)
from hostprobe.inventory.credentials import Credentials
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Collector
from hostprobe.sweep import Bell
from hostprobe.transport.base import CommandResult, Connector, Session
from hostprobe.transport.scripted import ScriptedSession

_FEW, _MANY = 250, 2500
_ROWS = 400
_LIMIT = 1.3
_FIRST_HOST: Final = IPv4Address("10.0.0.1")
_FIRST_REMOTE: Final = IPv4Address("20.0.0.0")


def _written(name: str, sort: str | None = None) -> OutputOptions:
    """To nowhere, in a format."""
    return OutputOptions(format=FormatName(name), sort=sort, output=Path(os.devnull), quiet=True)


_VIEWS: Final = {
    "jsonl": _written("jsonl"),
    "jsonl --sort": _written("jsonl", sort="remote_address"),
    "json": _written("json"),
    "csv --count-by": _written("csv"),
}


def main() -> None:
    """Print time and peak memory of each view over many hosts, and the memory against few."""
    for name in _VIEWS:
        few_mb, _ = _run(name, _FEW)
        many_mb, took_s = _run(name, _MANY)
        ratio = many_mb / few_mb
        print(
            f"{name}: {_MANY} hosts in {took_s:.1f} s; {many_mb:.0f} MB / {few_mb:.0f} MB"
            f" = {ratio:.2f} {verdict(ratio, _LIMIT)}"
        )


def _run(name: str, hosts: int) -> tuple[float, float]:
    """Peak memory in MB and seconds of one run; ends everything where it fails."""
    start = time.perf_counter()
    done = subprocess.run(
        python("-m", "benchmarks.views", name, str(hosts)),
        env={**os.environ, "HOSTPROBE_PASSWORD": "of no host"},
        stdout=subprocess.PIPE,
        check=False,
    )
    took_s = time.perf_counter() - start
    if done.returncode:
        message = f"{name} over {hosts} hosts failed with {done.returncode}"
        raise SystemExit(message)
    return float(done.stdout), took_s


def _ask(name: str, hosts: int) -> None:
    """Run one view over so many hosts, and print this process's peak memory in MB."""
    question = survey.Question(
        command="connections",
        record="connection",
        row=OwnedConnection,
        shown=("process",),
        parts=snapshot.parts(connections=True, details=False, collector=Collector.AUTO),
        rows=owned,
        view=ViewOptions(count_by="process,remote_address" if "count" in name else None),
    )
    targets = [str(_FIRST_HOST + number) for number in range(hosts)]
    options = (HostOptions(username="ops"), SweepOptions(jobs=1), _VIEWS[name])
    code = survey.ask_hosts(question, targets, options, _opener, lambda _options: None)
    if code:
        raise SystemExit(code)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak / (1_000_000 if sys.platform == "darwin" else 1000))


def _opener(_options: HostOptions, _account: Credentials, _bell: Bell) -> Connector:
    """Sessions with hosts that answer at once."""

    @contextmanager
    def opened(target: Target) -> Iterator[Session]:
        answer = _answer(int(IPv4Address(target.host)) - int(_FIRST_HOST))
        yield ScriptedSession([CommandResult(answer, b"", 0)])

    def connect(target: Target) -> AbstractContextManager[Session]:
        return opened(target)

    return connect


def _answer(number: int) -> bytes:
    """What netstat and tasklist say on the host of that number."""
    first = _FIRST_REMOTE + number * _ROWS
    netstat = (
        f"  TCP    10.0.0.5:{50000 + row}   {first + row}:443   ESTABLISHED   {1000 + row % 40}\r\n"
        for row in range(_ROWS)
    )
    hosted = (f'"program{process}.exe","{1000 + process}","N/A"\r\n' for process in range(40))
    return (
        "Active code page: 65001\r\n==hostprobe:chcp:0== \r\n"
        f"==hostprobe:host:PC{number}== \r\n"
        f"{''.join(netstat)}==hostprobe:netstat:0== \r\n"
        f"{''.join(hosted)}==hostprobe:services:0== \r\n"
    ).encode()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _ask(sys.argv[1], int(sys.argv[2]))
    else:
        main()
