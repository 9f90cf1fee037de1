"""Shutting down and restarting the host.

Source: [MS-RSP] 3.2.4.1 and 3.2.4.2; the exit codes of shutdown.exe are Win32 codes.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hostprobe.lab.codes import CallError, Win32Error

if TYPE_CHECKING:
    from hostprobe.lab.machine.machine import Machine


class PowerAction(StrEnum):
    """How the host goes down."""

    SHUT_DOWN = "shut down"
    RESTART = "restart"
    HIBERNATE = "hibernate"
    SUSPEND = "suspend"


@dataclass(frozen=True, slots=True)
class Shutdown:
    """A shutdown that was asked for.

    Attributes:
        at: When it comes due, in seconds since 1970 by the host's clock.
        message: For who sits at the host.
        reason: What the event log is told: `p:5:19`; empty where it is told none.
    """

    action: PowerAction
    at: float
    message: str
    reason: str = ""


class Power:
    """Goes down when a shutdown comes due, and comes up again after a restart.

    Attributes:
        scheduled: The shutdown that is to come; None where none is.
    """

    __slots__ = ("_is_due", "_machine", "_task", "scheduled")

    def __init__(self, machine: "Machine") -> None:
        self._machine = machine
        self._task: asyncio.Task[None] | None = None
        self._is_due = False
        self.scheduled: Shutdown | None = None

    def schedule(
        self, action: PowerAction, at: float, message: str = "", *, reason: str = ""
    ) -> None:
        """Go down at a time.

        Raises:
            CallError: SHUTDOWN_IS_SCHEDULED, SHUTDOWN_IN_PROGRESS.
        """
        self._check_not_due()
        if self.scheduled is not None:
            raise CallError(Win32Error.SHUTDOWN_IS_SCHEDULED)
        self.scheduled = Shutdown(action, at, message, reason)
        delay_s = max(0.0, at - self._machine.now())
        self._machine.record(
            "shutdown", f"{action.value} in {delay_s:.0f} s{reason and f', {reason}'}"
        )
        self._task = self._machine.begin(self._carry_out(action, delay_s))

    def abort(self) -> None:
        """Take the shutdown back.

        Raises:
            CallError: NO_SHUTDOWN_IN_PROGRESS, SHUTDOWN_IN_PROGRESS.
        """
        self._check_not_due()
        if self._task is None or self.scheduled is None:
            raise CallError(Win32Error.NO_SHUTDOWN_IN_PROGRESS)
        self._task.cancel()
        self._task = self.scheduled = None
        self._machine.record("shutdown", "taken back")

    def _check_not_due(self) -> None:
        if self._is_due:
            raise CallError(Win32Error.SHUTDOWN_IN_PROGRESS)

    async def _carry_out(self, action: PowerAction, delay_s: float) -> None:
        machine = self._machine
        await machine.sleep(delay_s)
        self._is_due = True
        await asyncio.sleep(machine.quirks.shutdown_s)
        machine.record("shutdown", f"{action.value} now")
        machine.go_down()
        self.scheduled = None
        if action is PowerAction.RESTART:
            await asyncio.sleep(machine.quirks.reboot_s)
            self._is_due = False
            machine.boot()
