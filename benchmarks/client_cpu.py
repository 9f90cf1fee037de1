"""The client's CPU time of one run inside a process: connect, run, remove."""

import os
import statistics
import tempfile
import time

from benchmarks.rounds import COMMAND, ROUNDS, running_bed, verdict

from hostprobe.inventory.credentials import Credentials
from hostprobe.inventory.targets import Target
from hostprobe.transport.base import Command, Connector
from hostprobe.transport.psexec import Options, connector

_LIMIT_MS = 22.0
_COMMAND = Command("cmd.exe", f'/d /s /c "{COMMAND}" <nul')


def main() -> None:
    """Print the least and the median of ten runs, after one that does not count."""
    host = running_bed()
    connect = connector(Options(credentials=Credentials(host.username, host.password)))
    target = Target("127.0.0.1", host.port)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOSTPROBE_STATE_DIR"] = folder
        took_ms = [_run_ms(connect, target) for _ in range(ROUNDS + 1)][1:]
    best, middle = min(took_ms), statistics.median(took_ms)
    print(
        f"client CPU of one run: {best:.1f} ms, median {middle:.1f} ms {verdict(best, _LIMIT_MS)}"
    )


def _run_ms(connect: Connector, target: Target) -> float:
    start = time.process_time()
    with connect(target) as session:
        session.run(_COMMAND, timeout_s=30, max_bytes=1 << 20)
    return 1000 * (time.process_time() - start)


if __name__ == "__main__":
    main()
