"""Do one piece of work on many hosts at once, without locking the account that asks them.

`reach` looks which hosts are there first, `shards` spreads the work over processes, and `cluster`
over the machines of a Dask cluster; all three are imported by those who need them.
"""

from hostprobe.sweep._bell import Bell
from hostprobe.sweep._engine import Reach, sweep
from hostprobe.sweep._gate import Gate
from hostprobe.sweep._outcomes import Answered, Failed, NotAsked
from hostprobe.sweep._stop import Stop
from hostprobe.sweep._threads import DaemonThreadExecutor, InlineExecutor
from hostprobe.sweep._turnstile import Turnstile, TurnstileParts

__all__ = [
    "Answered",
    "Bell",
    "DaemonThreadExecutor",
    "Failed",
    "Gate",
    "InlineExecutor",
    "NotAsked",
    "Reach",
    "Stop",
    "Turnstile",
    "TurnstileParts",
    "sweep",
]
