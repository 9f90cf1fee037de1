"""Ask several hosts for their listeners: ask_hosts.py USER TARGET...

The password is taken from HOSTPROBE_PASSWORD. The first log-in is made alone, and two failed ones
end the run, so that no account is locked.
"""

import os
import sys
from collections.abc import Iterator, Sequence

from hostprobe import (
    Collector,
    Connector,
    Credentials,
    SessionOptions,
    Snapshot,
    Target,
    connector,
    owned,
    read_targets,
    snapshot,
)
from hostprobe.sweep import Answered, DaemonThreadExecutor, Failed, Gate, NotAsked, sweep

PARTS = snapshot.parts(connections=True, details=False, collector=Collector.NATIVE)


def lines(connect: Connector, account: Credentials, targets: Sequence[Target]) -> Iterator[str]:
    """One line for each listener, and one for each host that did not answer."""

    def work(target: Target) -> Snapshot:
        with connect(target) as session:
            return snapshot.take(session, PARTS, timeout_s=60)

    executor = DaemonThreadExecutor(8)
    for outcome in sweep(work, targets, executor=executor, in_flight=8, gate=Gate(account)):
        match outcome:
            case Answered(target, answer):
                for row in owned(answer):
                    if row.listening:
                        yield f"{target} {row.protocol} {row.local_port} {row.process}"
            case Failed(target, error):
                yield f"{target} failed: {error.kind}"
            case NotAsked(target, reason):
                yield f"{target} not asked: {reason}"


if __name__ == "__main__":
    user = Credentials(sys.argv[1], os.environ["HOSTPROBE_PASSWORD"])
    for line in lines(
        connector(SessionOptions(credentials=user)), user, read_targets(sys.argv[2:])
    ):
        print(line)
