"""A thousand lab hosts in one process: their memory, and a sweep over all of them; Linux only."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rounds import python, verdict

from hostprobe.lab.server import Lab

_HOSTS = 1000
_JOBS = 32
_LIMIT_KB = 100.0


@dataclass(frozen=True, slots=True)
class _Server:
    """A process that serves lab hosts."""

    pid: int
    targets: tuple[str, ...]
    environment: Mapping[str, str]

    @property
    def memory_bytes(self) -> int:
        """What of it is in memory now."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * resource.getpagesize()

    @property
    def cpu_s(self) -> float:
        """The processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print memory a host before and after the sweep, its time, and the server's CPU a run."""
    with _served(1) as server:
        empty = server.memory_bytes
    start = time.perf_counter()
    with _served(_HOSTS) as server:
        print(f"{_HOSTS} hosts serve after {time.perf_counter() - start:.1f} s")
        print(
            f"memory of one before a sweep: {(server.memory_bytes - empty) / _HOSTS / 1000:.0f} KB"
        )
        _sweep(server)
        after = (server.memory_bytes - empty) / _HOSTS / 1000
    print(f"memory of one after it: {after:.0f} KB {verdict(after, _LIMIT_KB)}")


@contextmanager
def _served(hosts: int) -> Iterator[_Server]:
    """A server with so many hosts; it ends when nobody holds its stdin."""
    command = python("-m", "benchmarks.lab", str(hosts))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        told = json.loads(process.stdout.readline()) if process.stdout else {}
        yield _Server(process.pid, tuple(told["targets"]), told["environment"])
        if process.stdin:
            process.stdin.close()


def _sweep(server: _Server) -> None:
    """Ask every host, and print what that took."""
    cpu_s, start = server.cpu_s, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "hosts.txt").write_text("\n".join(server.targets))
        done = subprocess.run(
            python("-m", "hostprobe", "connections", "@hosts.txt", "-j", str(_JOBS), "-f", "jsonl"),
            cwd=folder,
            env={**os.environ, **server.environment, "HOSTPROBE_STATE_DIR": folder},
            stdout=subprocess.PIPE,
            check=False,
        )
    took_s, cpu_s = time.perf_counter() - start, server.cpu_s - cpu_s
    hosts = len(server.targets)
    answered = sum(b'"status": "answered"' in line for line in done.stdout.splitlines())
    print(f"{answered} of {hosts} answered in {took_s:.1f} s with {_JOBS} jobs")
    print(f"{hosts / took_s:.1f} hosts/s; server CPU of a run: {1000 * cpu_s / hosts:.1f} ms")


def _serve(hosts: int) -> None:
    """Serve so many hosts until stdin is closed."""
    with Lab(("infected",), hosts=hosts, seed=1) as lab:
        targets = [host.target for host in lab.hosts]
        print(
            json.dumps({"targets": targets, "environment": lab.hosts[0].environment()}), flush=True
        )
        sys.stdin.read()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _serve(int(sys.argv[1]))
    else:
        main()
