"""What a service can be told while it runs.

Source: [MS-SCMR] 2.2.47 and 3.1.4.2.
"""

from enum import IntEnum, IntFlag


class Accepts(IntFlag):
    """dwControlsAccepted, [MS-SCMR] 2.2.47."""

    STOP = 0x1
    SHUTDOWN = 0x4


class Control(IntEnum):
    """dwControl, [MS-SCMR] 3.1.4.2."""

    STOP = 1
    INTERROGATE = 4


ACCEPTS_STOP = Accepts.STOP | Accepts.SHUTDOWN
"""What an ordinary service takes."""
