"""Do one piece of work on many hosts at once, without locking the account that asks them.

`reach` looks which hosts are there first; it is imported by those who need it.
"""

from hostprobe.sweep._engine import Reach, sweep
from hostprobe.sweep._gate import Gate
from hostprobe.sweep._outcomes import Answered, Failed, NotAsked
from hostprobe.sweep._stop import Stop
from hostprobe.sweep._threads import DaemonThreadExecutor, InlineExecutor

__all__ = [
    "Answered",
    "DaemonThreadExecutor",
    "Failed",
    "Gate",
    "InlineExecutor",
    "NotAsked",
    "Reach",
    "Stop",
    "sweep",
]
