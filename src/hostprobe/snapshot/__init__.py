"""Everything that one remote command said about a host at one moment."""

from hostprobe.snapshot._about import About, about
from hostprobe.snapshot._parts import Collector, Part, command, local_command_line, parts
from hostprobe.snapshot._reading import CUT_SHORT, Snapshot, read, take
from hostprobe.snapshot._sections import has_markers

__all__ = [
    "CUT_SHORT",
    "About",
    "Collector",
    "Part",
    "Snapshot",
    "about",
    "command",
    "has_markers",
    "local_command_line",
    "parts",
    "read",
    "take",
]
