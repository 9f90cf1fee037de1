"""All that is ever typed on a router: one command for each dialect, which changes nothing.

What netmiko types beside it is `terminal width` and `terminal length`, for this session alone.
"""

import re
from typing import Final

from hostprobe.errors import UsageError
from hostprobe.inventory.quoting import quoted

DEVICE_TYPES: Final = ("cisco_ios", "cisco_xe")

_COMMANDS: Final = {
    "classic": "show ip cache flow",
    "verbose": "show ip cache verbose flow",
    "top_talkers": "show ip flow top-talkers",
    "mls": "show mls netflow ip",
}
_OF_MONITOR: Final = {
    "monitor_record": "show flow monitor {monitor} cache format record",
    "monitor_table": "show flow monitor {monitor} cache format table",
    "monitor_csv": "show flow monitor {monitor} cache format csv",
}
_MONITOR: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


def show_command(dialect: str | None, monitor: str | None) -> tuple[str, str]:
    """A dialect, and the command that prints it.

    Args:
        dialect: None for `classic`, or with a monitor for `monitor_record`.
        monitor: The name of a flow monitor of Flexible NetFlow.

    Raises:
        UsageError: No router prints that dialect, a monitor is missing or there is one too many,
            or its name is none.
    """
    known = _COMMANDS if monitor is None else _OF_MONITOR
    dialect = dialect or next(iter(known))
    if monitor is not None and not _MONITOR.fullmatch(monitor):
        msg = f"--monitor {quoted(monitor)} is no name of a flow monitor"
        raise UsageError(msg)
    if dialect in known:
        return dialect, known[dialect].format(monitor=monitor)
    if dialect in _OF_MONITOR:
        msg = f"--dialect {dialect} needs --monitor NAME: `show flow monitor` lists the names"
    else:
        msg = f"--router cannot ask for --dialect {dialect}: it asks for {', '.join(known)}"
    raise UsageError(msg)
