"""A sweep over thousands of lab hosts, a tenth of them silent and a tenth refusing; Linux only.

The lab has a process of its own, on the same cores as the sweep.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rounds import python, verdict

from hostprobe.lab.server import Lab

_PORT = 4700
_LIMITS_S = {32: 100.0, 128: 60.0}
_MEMORY_LIMIT = 1.3


@dataclass(frozen=True, slots=True)
class _Network:
    """Hosts to ask: so many answer, a tenth of all is silent, and a tenth refuses."""

    targets: tuple[str, ...]
    environment: Mapping[str, str]

    @property
    def answering(self) -> int:
        """How many answer."""
        return len(self.targets) * 8 // 10


def main() -> None:
    """Print time, pace, CPU and memory of sweeps over 2,500 hosts, and memory of one over 250."""
    with _network(250) as network:
        few = {jobs: _sweep(network, jobs) for jobs in _LIMITS_S}
    with _network(2500) as network:
        for jobs, limit_s in _LIMITS_S.items():
            took = _sweep(network, jobs)
            print(f"{jobs} jobs: {took.wall_s:.1f} s {verdict(took.wall_s, limit_s)}")
            ratio = took.peak_mb / few[jobs].peak_mb
            print(f"memory against 250 hosts: {ratio:.2f} {verdict(ratio, _MEMORY_LIMIT)}")


@dataclass(frozen=True, slots=True)
class _Took:
    wall_s: float
    peak_mb: float


def _sweep(network: _Network, jobs: int) -> _Took:
    """Ask every host, and print what came of it; ends everything where an answer is wrong."""
    hosts = len(network.targets)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "hosts.txt").write_text("\n".join(network.targets))
        command = python("-m", "hostprobe", "connections", "@hosts.txt", "-q")
        start = time.perf_counter()
        with subprocess.Popen(
            [*command, "-f", "jsonl", "-o", "found.jsonl", "-j", str(jobs)],
            cwd=folder,
            env={**os.environ, **network.environment, "HOSTPROBE_STATE_DIR": folder},
            stderr=subprocess.DEVNULL,
        ) as process:
            _, _, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        became = _became(Path(folder) / "found.jsonl")
    if sum(became.values()) != hosts or became["answered"] != network.answering:
        message = f"wrong answers: {dict(became)}"
        raise SystemExit(message)
    cpu_ms = 1000 * (used.ru_utime + used.ru_stime) / network.answering
    peak_mb = used.ru_maxrss / 1000
    print(f"{hosts} hosts, {jobs} jobs: {dict(became)}")
    print(f"{hosts / wall_s:.1f} hosts/s, {cpu_ms:.1f} ms of CPU an answer, {peak_mb:.0f} MB")
    return _Took(wall_s, peak_mb)


def _became(path: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    with path.open() as lines:
        for line in lines:
            record = json.loads(line)
            if record["record"] == "host":
                counts[record["error"]["kind"] if record["error"] else record["status"]] += 1
    return counts


@contextmanager
def _network(hosts: int) -> Iterator[_Network]:
    command = python("-m", "benchmarks.sweep", str(hosts))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        told = json.loads(process.stdout.readline()) if process.stdout else {}
        yield _Network(tuple(told["targets"]), told["environment"])
        if process.stdin and process.stdout:
            process.stdin.close()
            print(f"left on the hosts: {process.stdout.readline().decode().strip()}")


def _serve(hosts: int) -> None:
    """Serve until stdin is closed; then tell what is left on the hosts."""
    tenth = hosts // 10
    with (
        Lab(("workstation",), hosts=hosts - 2 * tenth, port=_PORT, seed=1) as lab,
        ExitStack() as open_,
    ):
        silent = [f"127.3.{number // 250}.{number % 250 + 1}" for number in range(tenth)]
        refusing = [f"127.4.{number // 250}.{number % 250 + 1}" for number in range(tenth)]
        for address in silent:
            open_.enter_context(socket.create_server((address, _PORT)))
        targets = [host.target for host in lab.hosts]
        targets += [f"{address}:{_PORT}" for address in (*silent, *refusing)]
        told = {"targets": targets, "environment": lab.hosts[0].environment()}
        print(json.dumps(told), flush=True)
        sys.stdin.read()
        left = (
            service.name
            for host in lab.hosts
            for service in host.machine.services
            if service.name.startswith("PAExec-")
        )
        print(len(list(left)), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _serve(int(sys.argv[1]))
    else:
        main()
