"""The line to one host: connected, logged in, and both shares open."""

import contextlib
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hostprobe.inventory.credentials import Credentials
from hostprobe.inventory.targets import Target
from hostprobe.transport.base import SessionFacts, Turns
from hostprobe.transport.psexec.deadline import Deadline
from hostprobe.transport.psexec.dial import dial, resolve
from hostprobe.transport.psexec.errors import Steps
from hostprobe.transport.psexec.link import Link
from hostprobe.transport.psexec.login import Wanted, log_in
from hostprobe.transport.psexec.wire import Wire
from hostprobe.transport.trail import Trail

_LOG_IN_BYTES: Final = 1 << 20


def _anywhere(_address: str) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to reach hosts, and as whom.

    Attributes:
        credentials: The account.
        connect_timeout_s: For the look-up, TCP and the negotiation together.
        timeout_s: For everything up to the answer; cleaning up has its own time after it.
        allow_unencrypted: Whether a session that is only signed will do.
        allows: Whether an address may be called at all.
        stop: When it is set, work ends at once and hosts are cleaned up.
        overlapped: False sends one message at a time.
        turns: When a log-in may be tried; None for at once.
        reads: Whether nothing is ever put on a host, so that no journal is kept of it.
        clears: Whether what the journal says that earlier runs left on a host is removed first.
        trail: Told each step and each message; with it, the service manager is opened as soon as
            the host lets us in, while nothing has been changed there.
    """

    credentials: Credentials
    connect_timeout_s: float = 5.0
    timeout_s: float = 60.0
    allow_unencrypted: bool = False
    allows: Callable[[str], bool] = _anywhere
    stop: threading.Event | None = None
    overlapped: bool = True
    reads: bool = False
    clears: bool = False
    turns: Turns | None = None
    trail: Trail | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A logged-in connection with its two shares."""

    wire: Wire
    ipc: int
    admin: int
    facts: SessionFacts


def hall(options: Options) -> contextlib.AbstractContextManager[None]:
    """Where a log-in waits for its turn; at once where there are none."""
    if options.turns is None:
        return contextlib.nullcontext()
    return options.turns.hall(Deadline(math.inf, options.stop).left)


def open_line(
    target: Target, options: Options, steps: Steps, host: Deadline, previous_session_id: int = 0
) -> Line:
    """Connect, log in and open both shares.

    Args:
        target: The host.
        options: How, and as whom.
        steps: Told which step is being taken.
        host: The deadline of all of it.
        previous_session_id: Of a session that was cut, which the host then closes; 0 for none.

    Raises:
        HostError: The host could not be reached, or does not let us in.
    """
    with steps.mapped(), contextlib.ExitStack() as undo:
        reach, trail = host.sooner(options.connect_timeout_s), options.trail
        steps.at("look up the name")
        addresses = resolve(target, reach)
        if trail:
            trail.addresses = addresses
        steps.at("connect")
        sock = dial(target, addresses, reach, options.allows)
        steps.address = str(sock.getpeername()[0])
        if trail:
            trail.address = steps.address
        undo.callback(sock.close)
        link = Link(sock, reach, _LOG_IN_BYTES, trail=trail)
        login = log_in(
            link,
            options.credentials,
            steps,
            Wanted(
                host=target.host,
                allow_unencrypted=options.allow_unencrypted,
                by=host,
                turns=options.turns,
                previous_session_id=previous_session_id,
            ),
        )
        wire = Wire(link, login.keys, login.limits, overlapped=options.overlapped)
        steps.at("open ADMIN$")
        shares = (rf"\\{target.host}\{share}" for share in ("IPC$", "ADMIN$"))
        ipc, admin = wire.trees(*shares)
        undo.pop_all()
        return Line(wire, ipc, admin, login.facts)
