"""What the reading of a capture may cost: tshark parses hostile input, and must end."""

import sys
from dataclasses import dataclass

if sys.platform != "win32":
    import resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What tshark may take.

    Attributes:
        seconds: By the clock, for one capture.
        memory_bytes: Of address space; enforced where the system can (Linux).
        line_bytes: Longest line; what is longer is cut.
    """

    seconds: float = 600.0
    memory_bytes: int = 4 << 30
    line_bytes: int = 1 << 16


def confine(pid: int, limits: Limits) -> None:
    """Bound the memory of a process that has just been started."""
    if sys.platform == "linux":
        resource.prlimit(pid, resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
        seconds = int(limits.seconds) + 1
        resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))
