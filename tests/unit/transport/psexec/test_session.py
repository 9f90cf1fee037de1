"""The session: what it writes down first, what it silences, and whom it asks."""

import logging
import pkgutil
from pathlib import Path

import pytest
from tests.unit.transport.psexec.fake_host import CREATE_SERVICE, DELETE, WindowsHost
from tests.unit.transport.psexec.fake_paexec import Script
from tests.unit.transport.psexec.fake_smb import Fault
from tests.unit.transport.psexec.visits import (
    ACCOUNT,
    COMMAND,
    FACTS,
    journaled,
    open_session,
    visit,
)

from hostprobe.errors import GuardError, HostError, JournalError, OutsideScopeError, RefusedError
from hostprobe.inventory.targets import Target
from hostprobe.transport.psexec import Options, connector, journal, paexec
from hostprobe.transport.psexec.session import _PsexecSession


def test_the_journal_has_the_run_before_the_host_is_changed(host: WindowsHost) -> None:
    """When the first file and the service appear on the host, both are already written down."""
    written: list[str] = []
    host.on_change = lambda: written.extend(entry.stem for entry in journaled())
    seen = visit(host)
    service = seen.session.receipt.footprints[1].name
    assert written == [service, service]
    assert journaled() == []


def test_the_journal_keeps_a_host_that_is_not_clean(host: WindowsHost) -> None:
    """An entry stays until the host is known to be clean."""
    host.faults = (Fault("cut", "answered", 6),)
    host.unreachable_after = 1
    seen = visit(host)
    assert seen.reported
    assert [entry.stem for entry in journaled()] == [seen.reported[0].removeprefix("service ")]


def test_nothing_is_sent_where_the_journal_cannot_be_written(
    host: WindowsHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a journal the host is not touched, and the message names the way out."""
    (tmp_path / "file").touch()
    monkeypatch.setenv(journal.FOLDER_VARIABLE, str(tmp_path / "file"))
    session = open_session(host)
    asked = host.links[0].frames_asked
    with pytest.raises(JournalError, match=journal.FOLDER_VARIABLE):
        session.run(COMMAND, timeout_s=1, max_bytes=1)
    assert host.links[0].frames_asked == asked
    session.close()


def test_two_runs_of_one_session_share_nothing(host: WindowsHost) -> None:
    """Each run has names of its own, and each is cleaned up."""
    session = open_session(host)
    for _ in range(2):
        assert session.run(COMMAND, timeout_s=5, max_bytes=100).stdout == b"hello\r\n"
    session.close()
    assert session.facts == FACTS
    names = [each.name for each in session.receipt.footprints]
    assert len(set(names)) == len(names) == 4
    assert (host.left(), session.receipt.left_behind) == ((), ())


def test_a_program_that_is_interrupted_is_cleaned_up_first(host: WindowsHost) -> None:
    """A KeyboardInterrupt reaches the caller once the host is clean."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    host.script = Script(prints=[(0, "Out", b"x"), (3, "Out", b"y")], ends_s=None)
    host.clock.after(1.0, interrupt)
    session = open_session(host)
    with pytest.raises(KeyboardInterrupt):
        session.run(COMMAND, timeout_s=60, max_bytes=100)
    session.close()
    assert host.left() == ()
    assert journaled() == []


def test_the_names_on_the_host_are_those_of_the_receipt(host: WindowsHost) -> None:
    """Service and file are named in the receipt as they are on the host."""
    made: list[str] = []
    host.on_change = lambda: made.extend((*host.services, *host.files))
    seen = visit(host)
    file, service = seen.session.receipt.footprints
    assert (file.kind, file.name) == ("file", rf"%SystemRoot%\{made[-1]}")
    assert (service.kind, f"{service.name}.exe") == ("service", made[-1])


def test_another_paexec_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A paexec.exe other than the pinned one stops hostprobe before it connects."""
    monkeypatch.setattr(pkgutil, "get_data", lambda *_: b"MZ something else")
    paexec.program.cache_clear()
    connect = connector(Options(credentials=ACCOUNT))
    with (
        pytest.raises(GuardError, match="nothing was uploaded"),
        connect(Target("127.0.0.1", 1)),
    ):
        pass
    paexec.program.cache_clear()


def test_a_dead_port_is_refused_by_name() -> None:
    """The connector's failure names host and port."""
    connect = connector(Options(credentials=ACCOUNT))
    with (
        pytest.raises(RefusedError, match=r"127\.0\.0\.1:1: refused"),
        connect(Target("127.0.0.1", 1)),
    ):
        pass


def test_a_host_outside_the_scope_is_not_called() -> None:
    """An address that the options do not allow is a guard's refusal."""
    connect = connector(Options(credentials=ACCOUNT, allows=lambda _address: False))
    with pytest.raises(OutsideScopeError), connect(Target("127.0.0.1", 1)):
        pass


def test_the_libraries_are_silenced() -> None:
    """At INFO pypsexec logs secrets, so nothing below an impossible level is let through."""
    connector(Options(credentials=ACCOUNT))
    for library in ("pypsexec", "smbprotocol", "spnego"):
        assert not logging.getLogger(library).isEnabledFor(logging.CRITICAL)


def test_the_password_is_in_no_text_of_the_options() -> None:
    """The options can be printed and logged."""
    assert str(ACCOUNT.proof) not in repr(Options(credentials=ACCOUNT))


def cut_for_good(host: WindowsHost, after: int) -> None:
    """A visit that was cut after so many answers, with no second connection; then all is well."""
    host.faults = (Fault("cut", "answered", after),)
    host.unreachable_after = 1
    visit(host)
    host.unreachable_after = 99


@pytest.mark.parametrize("after", range(2, 16))
def test_what_an_earlier_run_left_is_cleared(host: WindowsHost, after: int) -> None:
    """Wherever a run was cut for good, the next session that is to clear leaves a clean host."""
    cut_for_good(host, after)
    marked = [entry.stem for entry in journaled()]
    session = open_session(host)
    session.clear()
    session.run(COMMAND, timeout_s=5, max_bytes=100)
    session.close()
    assert list(session.receipt.cleared) == marked
    assert (host.left(), session.receipt.left_behind, journaled()) == ((), (), [])


def test_what_cannot_be_cleared_stays_marked(host: WindowsHost) -> None:
    """An earlier run's service that cannot be deleted is named, and its entry stays."""
    cut_for_good(host, 9)
    [entry] = journaled()
    host.codes[DELETE] = [5] * 9
    session = open_session(host)
    session.clear()
    session.close()
    assert session.receipt.cleared == ()
    assert f"service {entry.stem}" in session.receipt.left_behind
    assert journaled() == [entry]


def kinds(session: _PsexecSession) -> list[tuple[str, bool, bool]]:
    """Of each footprint its kind, and whether it was created and removed by this session."""
    return [
        (each.kind, each.created_at is not None, each.removed_at is not None)
        for each in session.receipt.footprints
    ]


def test_the_receipt_tells_what_was_created_and_removed(host: WindowsHost) -> None:
    """A run makes a file and a service, and both are gone later than they were made."""
    seen = visit(host)
    assert kinds(seen.session) == [("file", True, True), ("service", True, True)]
    for each in seen.session.receipt.footprints:
        assert each.created_at is not None
        assert each.removed_at is not None
        assert each.created_at <= each.removed_at


@pytest.mark.parametrize("overlapped", [True, False])
def test_a_file_that_was_refused_was_not_created(host: WindowsHost, *, overlapped: bool) -> None:
    """Where the host refuses the upload, the receipt is empty."""
    host.manners.write_bytes = host.manners.write_bytes if overlapped else 65536
    host.statuses["file"] = [0xC0000022]
    seen = visit(host, overlapped=overlapped)
    assert isinstance(seen.error, HostError)
    assert seen.error.footprints == seen.session.receipt.footprints == ()


def test_a_service_that_was_refused_was_not_created(host: WindowsHost) -> None:
    """Where the service manager refuses the service, only the file had been there."""
    host.codes[CREATE_SERVICE] = [5]
    seen = visit(host)
    assert isinstance(seen.error, HostError)
    assert seen.error.footprints == seen.session.receipt.footprints
    assert kinds(seen.session) == [("file", True, True)]


def test_what_stays_was_not_removed(host: WindowsHost) -> None:
    """A service that cannot be deleted is in the receipt, and so is what went of the run."""
    host.codes[DELETE] = [5] * 9
    seen = visit(host)
    assert kinds(seen.session) == [("file", True, True), ("service", True, False)]
    assert len(seen.reported) == 1


def test_what_was_cleared_was_not_created(host: WindowsHost) -> None:
    """Things of an earlier run are in the receipt as removed alone."""
    cut_for_good(host, 9)
    session = open_session(host)
    session.clear()
    session.close()
    assert kinds(session) == [("file", False, True), ("service", False, True)]
