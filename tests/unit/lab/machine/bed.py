"""A bare machine, and a way to let all that it has begun come to its end."""

import asyncio

from hostprobe.lab.machine.accounts import Account, Accounts
from hostprobe.lab.machine.machine import Event, Machine
from hostprobe.lab.machine.quirks import Quirks

AT_ONCE = Quirks(
    service_start_s=0, service_stop_s=0, image_locked_s=0, shutdown_s=0, reboot_s=0, pace=0
)


class Bed:
    """A machine whose services start and stop at once, and what it has recorded."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.machine = Machine(
            name="WS1",
            accounts=Accounts([Account("Administrator", "secret", is_admin=True)]),
            quirks=AT_ONCE,
            on_event=self.events.append,
        )

    @property
    def recorded(self) -> list[tuple[str, str]]:
        """The events, without time and host."""
        return [(event.what, event.detail) for event in self.events]

    async def settle(self) -> None:
        """Wait for all that the machine has begun."""
        while self.machine._tasks:
            await asyncio.wait(self.machine._tasks)
            await asyncio.sleep(0)
