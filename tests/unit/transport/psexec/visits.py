"""Sessions with a fake host, over the real wire, run and clean-up."""

import contextlib
import threading
from dataclasses import dataclass
from pathlib import Path

from tests.unit.transport.psexec.fake_frames import keys
from tests.unit.transport.psexec.fake_host import WindowsHost
from tests.unit.transport.psexec.virtual_time import VirtualDeadline

from hostprobe.errors import HostprobeError
from hostprobe.inventory.credentials import Credentials
from hostprobe.inventory.targets import Target
from hostprobe.transport.base import Command, CommandResult, SessionFacts
from hostprobe.transport.psexec import journal
from hostprobe.transport.psexec.deadline import Deadline
from hostprobe.transport.psexec.errors import Steps
from hostprobe.transport.psexec.line import Line, Options
from hostprobe.transport.psexec.session import _PsexecSession
from hostprobe.transport.psexec.wire import Wire

TARGET = Target("pc7")
ACCOUNT = Credentials("CORP\\ana", "secret")
COMMAND = Command("cmd.exe", "/d /c netstat -ano")
FACTS = SessionFacts(
    address="192.0.2.7", port=445, dialect="3.1.1", cipher=None, authentication="ntlm"
)


@dataclass(slots=True)
class Visit:
    """One session, to its end.

    Attributes:
        result: None where it failed.
        error: None where it did not.
        reported: What the session says is left.
    """

    session: _PsexecSession
    result: CommandResult | None
    error: HostprobeError | None

    @property
    def reported(self) -> tuple[str, ...]:
        """What the session says is left."""
        return self.session.receipt.left_behind


def open_session(
    host: WindowsHost, options: Options | None = None, deadline: Deadline | None = None
) -> _PsexecSession:
    """A session that is logged in."""
    options = options or Options(credentials=ACCOUNT)
    by = deadline or VirtualDeadline(host.clock, options.timeout_s, options.stop)

    def opened(
        target: Target, options: Options, steps: Steps, by: Deadline, previous_session_id: int = 0
    ) -> Line:
        with steps.mapped(), contextlib.ExitStack() as undo:
            assert isinstance(by, VirtualDeadline)
            link = host.connect(by)
            if previous_session_id:
                host.end_sessions_before(link)
            undo.callback(link.close)
            granted = link.limits
            wire = Wire(link, keys(host.manners.cipher), granted, overlapped=options.overlapped)
            ipc, admin = wire.trees(rf"\\{target.host}\IPC$", rf"\\{target.host}\ADMIN$")
            undo.pop_all()
            return Line(wire, ipc, admin, FACTS)

    steps = Steps(str(TARGET))
    return _PsexecSession(TARGET, options, steps, by, opened(TARGET, options, steps, by), opened)


def visit(
    host: WindowsHost,
    *,
    overlapped: bool = True,
    timeout_s: float = 10.0,
    max_bytes: int = 1 << 20,
    stop: threading.Event | None = None,
) -> Visit:
    """Run one command, close the session, and let the host come to rest."""
    options = Options(credentials=ACCOUNT, overlapped=overlapped, stop=stop)
    session = open_session(host, options)
    result, failure = None, None
    try:
        result = session.run(COMMAND, timeout_s=timeout_s, max_bytes=max_bytes)
    except HostprobeError as error:
        failure = error
    finally:
        session.close()
    host.clock.wait(2 * host.manners.round_trip_s)
    complaints = host.complaints()
    assert not complaints, "\n".join(complaints)
    assert all(link.closed for link in host.links)
    return Visit(session, result, failure)


def journaled() -> list[Path]:
    """The entries of the journal."""
    return sorted(journal.folder().glob("*.json"))
