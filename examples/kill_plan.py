"""Whom a kill would end, and what it would say first: kill_plan.py PID FILE.

The file is what --save-raw keeps. Nothing is killed: a kill needs a session with the host.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from hostprobe import HostprobeError, snapshot
from hostprobe.actions import kill


def lines(pid: int, file: str) -> tuple[str, ...]:
    """The plan, as `hostprobe kill --dry-run` shows it."""
    path = Path(file)
    saved_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    answer = snapshot.read(path.read_bytes(), name=file, collected_at=saved_at)
    return kill.describe(kill.draw(answer, kill.KillRequest(pid=pid)))


if __name__ == "__main__":
    try:
        print("\n".join(lines(int(sys.argv[1]), sys.argv[2])))
    except HostprobeError as error:
        sys.exit(str(error))
