"""A network of lab hosts in a process of its own, and a sweep over it; Linux only."""

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
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.rounds import python

from hostprobe.lab.server import Lab

PORT = 4700


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What the hosts are like.

    Attributes:
        scenario: Of the lab.
        round_trip_s: To each of them.
        dead: This part of them is silent, and as many again refuse.
    """

    scenario: str = "workstation"
    round_trip_s: float = 0.0
    dead: float = 0.0


@dataclass(frozen=True, slots=True)
class Network:
    """Hosts to ask.

    Attributes:
        answering: How many answer.
        environment: Variables with the account for them.
    """

    targets: tuple[str, ...]
    answering: int
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Took:
    """What one sweep took.

    Attributes:
        cpu_ms: Of all its processes, from their start to their end, for each host that answered.
        peak_mb: Memory of its first process.
    """

    hosts: int
    wall_s: float
    cpu_ms: float
    peak_mb: float

    @property
    def pace(self) -> float:
        """Hosts a second."""
        return self.hosts / self.wall_s


@contextmanager
def network(hosts: int, kind: Kind = Kind()) -> Iterator[Network]:
    """Serve so many hosts within; at the end, tell what is left on them."""
    command = python("-m", "benchmarks.network", str(hosts), json.dumps(asdict(kind)))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        told = json.loads(process.stdout.readline()) if process.stdout else {}
        yield Network(tuple(told["targets"]), told["answering"], told["environment"])
        if process.stdin and process.stdout:
            process.stdin.close()
            left = int(process.stdout.readline())
            if left:
                message = f"{left} services are left on the hosts"
                raise SystemExit(message)


def sweep(found: Network, jobs: int, hosts: int | None = None) -> Took:
    """Ask the first `hosts` of them, or all; ends everything where an answer is wrong."""
    targets = found.targets[:hosts]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "hosts.txt").write_text("\n".join(targets))
        command = python("-m", "hostprobe", "connections", "@hosts.txt", "-q")
        start = time.perf_counter()
        with subprocess.Popen(
            [*command, "-f", "jsonl", "-o", "found.jsonl", "-j", str(jobs)],
            cwd=folder,
            env={**os.environ, **found.environment, "HOSTPROBE_STATE_DIR": folder},
            stderr=subprocess.DEVNULL,
        ) as process:
            _, _, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        became = _became(Path(folder) / "found.jsonl")
    answered = became["answered"]
    if became.total() != len(targets) or answered != min(found.answering, len(targets)):
        message = f"wrong answers: {dict(became)}"
        raise SystemExit(message)
    cpu_ms = 1000 * (used.ru_utime + used.ru_stime) / answered
    return Took(len(targets), wall_s, cpu_ms, used.ru_maxrss / 1000)


def _became(path: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    with path.open() as lines:
        for line in lines:
            record = json.loads(line)
            if record["record"] == "host":
                counts[record["error"]["kind"] if record["error"] else record["status"]] += 1
    return counts


def _serve(hosts: int, kind: Kind) -> None:
    """Serve until stdin is closed; then tell how many services of hostprobe are there."""
    dead = int(hosts * kind.dead)
    with (
        Lab((kind.scenario,), hosts=hosts - 2 * dead, port=PORT, seed=1) as lab,
        ExitStack() as open_,
    ):
        for host in lab.hosts:
            machine = host.machine
            machine.quirks = replace(machine.quirks, round_trip_s=kind.round_trip_s)
        silent = [f"127.3.{number // 250}.{number % 250 + 1}" for number in range(dead)]
        refusing = [f"127.4.{number // 250}.{number % 250 + 1}" for number in range(dead)]
        for address in silent:
            open_.enter_context(socket.create_server((address, PORT)))
        told = {
            "targets": [host.target for host in lab.hosts]
            + [f"{address}:{PORT}" for address in (*silent, *refusing)],
            "answering": len(lab.hosts),
            "environment": lab.hosts[0].environment(),
        }
        print(json.dumps(told), flush=True)
        sys.stdin.read()
        until = time.monotonic() + 2.0  # the last connection may not have ended yet
        while (left := _left(lab)) and time.monotonic() < until:
            time.sleep(0.05)
        print(left, flush=True)


def _left(lab: Lab) -> int:
    """How many services of hostprobe are on the hosts."""
    names = (service.name for host in lab.hosts for service in host.machine.services)
    return sum(name.startswith("PAExec-") for name in names)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), Kind(**json.loads(sys.argv[2])))
