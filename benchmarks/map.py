"""What CPU and memory a map of a saved sweep takes; no bed and no network, not on Windows.

Each host has 200 rows: half of its connections go to one of the servers among the others, so that
they stand in two listings, and half to addresses outside.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Final

from benchmarks.rounds import python, verdict

from hostprobe.analysis.owners import OwnedConnection

_FEW, _MANY = 250, 2500
_PAIRS: Final = 50  # connections of a host to a server, and as many twice to the outside
_LIMIT: Final = 1.3
_ANY: Final = "0.0.0.0"  # noqa: S104 - in a listing
_EMPTY: Final = dict.fromkeys(field.name for field in fields(OwnedConnection))


def main() -> None:
    """Print CPU and peak memory of a map of many hosts, and the memory against few."""
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few", Path(folder) / "many"
        for path, hosts in ((few, _FEW), (many, _MANY)):  # elsewhere: a child's peak is never less
            subprocess.run(python("-m", "benchmarks.map", str(path), str(hosts)), check=True)
        few_mb, _ = _run(few)
        many_mb, took_s = _run(many)
        read_mb, read_s = _run(many, "connections")
    ratio = many_mb / few_mb
    print(f"{_MANY} hosts: {took_s:.1f} s of CPU, of which {read_s:.1f} s are for the reading")
    print(f"{many_mb:.0f} MB / {few_mb:.0f} MB = {ratio:.2f} {verdict(ratio, _LIMIT)}")
    print(f"(reading alone: {read_mb:.0f} MB)")


def _write(path: Path, hosts: int) -> None:
    """Write a sweep's output."""
    draw = random.Random(1)  # noqa: S311 - has to come out again
    rows: list[list[dict[str, object]]] = [[] for _ in range(hosts)]
    servers = range(0, hosts, 20)
    for host in range(hosts):
        ports = (135, 3128) if host in servers else (135,)
        rows[host] += [_row((_ANY, port), (_ANY, 0), f"s{port}.exe") for port in ports]
        for turn in range(_PAIRS):
            server = draw.choice(servers)
            ends = (_address(host), 50000 + turn), (_address(server), 3128)
            rows[host].append(_row(*ends, f"app{turn % 9}.exe"))
            rows[server].append(_row(*ends[::-1], "s3128.exe"))
            for port in (52000, 54000):
                outside = (f"52.{draw.randrange(9)}.{draw.randrange(250)}.7", 443)
                rows[host].append(_row((_address(host), port + turn), outside, "chrome.exe"))
    with path.open("w") as file:
        for host, its in enumerate(rows):
            file.writelines(json.dumps(record) + "\n" for record in _records(host, its))


def _records(host: int, rows: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    told = {"host_name": f"PC{host}", "collected_at": "2026-11-23T10:00:00Z", "schema": 1}
    for row in rows:
        yield {"record": "connection", "host": _address(host), "source": None, **told, **row}
    done = {"status": "answered", "rows": len(rows), "left_behind": [], "error": None}
    target = {"target": _address(host), "address": _address(host), "elapsed_s": 1.0}
    yield {"record": "host", **target, **done, "encrypted": True, "notes": [], **told}


def _row(local: tuple[str, int], remote: tuple[str, int], process: str) -> dict[str, object]:
    listening = remote[1] == 0
    return {
        **_EMPTY,
        "protocol": "tcp",
        "local_address": local[0],
        "local_port": local[1],
        "remote_address": remote[0],
        "remote_port": remote[1],
        "state": "LISTENING" if listening else "ESTABLISHED",
        "listening": listening,
        "pid": 4000,
        "process": process,
        "services": [],
    }


def _address(host: int) -> str:
    return f"10.{host // 62500}.{host // 250 % 250}.{host % 250 + 1}"


def _run(path: Path, command: str = "map") -> tuple[float, float]:
    """Peak memory in MB and seconds of CPU of one run; ends everything where it fails."""
    words = (command, "--from", str(path), "-f", "jsonl", "-o", os.devnull, "-q")
    with subprocess.Popen(python("-m", "hostprobe", *words)) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"{command} failed with {process.returncode}"
        raise SystemExit(message)
    peak = used.ru_maxrss / (1_000_000 if sys.platform == "darwin" else 1000)
    return peak, used.ru_utime + used.ru_stime


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _write(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        main()
