"""PAExec's services and files that are not hostprobe's: other tools', whom nobody may touch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from hostprobe.inventory.credentials import Credentials
from hostprobe.inventory.targets import Target
from hostprobe.transport.psexec import Options, svcctl
from hostprobe.transport.psexec.names import Names
from hostprobe.transport.psexec.session import _connected, _PsexecSession
from hostprobe.transport.psexec.traces import Traces
from tests.beds.bed import Bed, Trace

if TYPE_CHECKING:
    from hostprobe.transport.psexec.run import Run

RUNNING: Final = "PAExec"
NAMES: Final = ("PAExec-x", "PAExec-123-OPSPC", RUNNING)


class _Foreign(Names):
    """What another tool calls its service and its file."""

    @property
    def service(self) -> str:
        """The service's name."""
        return self.computer

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.computer}.exe"


@contextmanager
def planted(bed: Bed) -> Iterator[frozenset[Trace]]:
    """Each with service and file, one of them running; what of it is there."""
    before = bed.traces()
    account = Credentials(bed.username, bed.password)
    with _connected(Target("127.0.0.1", bed.port), Options(credentials=account)) as session:
        assert isinstance(session, _PsexecSession)
        for name in NAMES:
            _plant(session, name)
    there = frozenset(t for t in bed.traces() - before if t.name.removesuffix(".exe") in NAMES)
    try:
        yield there
    finally:
        bed.remove(there)


def _plant(session: _PsexecSession, name: str) -> None:
    run: Run = session._run_of(Traces(_Foreign(1, name)))
    run.prepare()
    assert run.traces.service is not None
    if name == RUNNING:
        run.call("RStartServiceW", svcctl.start_service(run.traces.service))
    for handle in (run.traces.service, run.traces.manager):
        assert handle is not None
        run.call("RCloseServiceHandle", svcctl.close_handle(handle))
