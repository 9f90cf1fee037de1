"""Everything that one remote command said about a host at one moment."""

from hostprobe.snapshot._parts import Collector, Part, command, local_command_line, parts
from hostprobe.snapshot._reading import Snapshot, read, take
from hostprobe.snapshot._sections import has_markers

__all__ = [
    "Collector",
    "Part",
    "Snapshot",
    "command",
    "has_markers",
    "local_command_line",
    "parts",
    "read",
    "take",
]
