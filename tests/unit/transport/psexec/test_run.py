"""One run of PAExec against a host in memory, from the first message to the last."""

import threading

import pytest
from tests.unit.transport.psexec.fake_host import START, WindowsHost
from tests.unit.transport.psexec.fake_paexec import Script
from tests.unit.transport.psexec.fake_smb import Fault, Manners
from tests.unit.transport.psexec.visits import COMMAND, Visit, journaled, visit

from hostprobe.errors import (
    BlockedError,
    CommandFailedError,
    CommandTimeoutError,
    ConnectionLostError,
    DeadlineError,
    HostError,
    OutputTooLargeError,
    ProtocolError,
    ServiceFailedError,
    StoppedError,
)
from hostprobe.transport.base import CommandResult
from hostprobe.transport.psexec import paexec

LOG_IN_WAITS = 4  # TCP, the negotiation, and two messages of the log-in


def assert_clean(seen: Visit, host: WindowsHost) -> None:
    """Nothing is on the host, nothing is reported, and the journal is empty."""
    assert (seen.reported, host.left(), journaled()) == ((), (), [])


@pytest.mark.parametrize("overlapped", [True, False])
@pytest.mark.parametrize("cipher", ["AES-128-GCM", "AES-128-CCM", None])
def test_a_run_answers_what_the_program_printed_and_leaves_nothing(
    host: WindowsHost, cipher: str | None, *, overlapped: bool
) -> None:
    """Encrypted or signed, at once or one by one: the same answer, and a host as it was."""
    host.manners.cipher = cipher
    host.script = Script(
        prints=[(0, "Out", b"one\r\n"), (0.1, "Err", b"two\r\n"), (0.2, "Out", b"three\r\n")],
        ends_s=0.3,
        exit_code=3221225786,
    )
    seen = visit(host, overlapped=overlapped)
    assert seen.error is None
    assert seen.result == CommandResult(b"one\r\nthree\r\n", b"two\r\n", 3221225786)
    assert_clean(seen, host)


def test_an_overlapped_run_takes_fifteen_waits(host: WindowsHost) -> None:
    """With a host one second away and a program that ends at once, a whole run takes 15 seconds."""
    host.manners.round_trip_s = 1.0
    seen = visit(host, timeout_s=60)
    assert seen.error is None
    closing_s = 2.0  # the visit waits for it
    assert host.clock.now - closing_s + LOG_IN_WAITS <= 15


def test_pipes_that_are_late_cost_one_more_wait(host: WindowsHost) -> None:
    """All three are asked for again together."""
    host.manners.round_trip_s = 1.0
    assert visit(host, timeout_s=60).error is None
    late = WindowsHost(manners=host.manners, script=Script(pipes_late_s=0.01))
    assert visit(late, timeout_s=60).error is None
    assert late.clock.now - host.clock.now < 1.1


def test_the_uploaded_program_is_paexec_itself(host: WindowsHost) -> None:
    """What stands in the Windows folder when the service is made is the pinned program."""
    seen: list[bytes] = []
    host.on_change = lambda: seen.extend(bytes(content) for content in host.files.values())
    visit(host)
    assert seen == [paexec.program()]


@pytest.mark.parametrize("overlapped", [True, False])
def test_small_writes_upload_the_same_program(host: WindowsHost, *, overlapped: bool) -> None:
    """A server of SMB 2.0.2 gets the program in pieces of 64 KB, without multi-credit messages."""
    host.manners = Manners(multi_credit=False, write_bytes=65536)
    seen: list[bytes] = []
    host.on_change = lambda: seen.extend(bytes(content) for content in host.files.values())
    outcome = visit(host, overlapped=overlapped)
    assert outcome.error is None
    assert seen == [paexec.program()]


def test_paexec_is_told_to_run_it_as_the_account_without_its_profile(host: WindowsHost) -> None:
    """The settings name the command, no account, no profile, and the 64-bit view."""
    visit(host, timeout_s=10)
    settings = host.runs[0].settings
    assert settings is not None
    assert (settings.executable, settings.arguments) == (COMMAND.executable, COMMAND.arguments)
    assert (settings.no_profile, settings.wide_view) == (True, True)
    assert (settings.user, settings.system_account) == ("", False)
    assert settings.timeout_s == 15


def test_a_server_that_takes_no_chains_is_asked_one_by_one(host: WindowsHost) -> None:
    """Where a chain is answered with STATUS_INVALID_PARAMETER, a second attempt works alone."""
    host.manners.overlaps = False
    seen = visit(host)
    assert seen.error is None
    assert seen.result == CommandResult(b"hello\r\n", b"", 0)
    assert len(host.runs) == 1
    assert_clean(seen, host)


def test_the_sequential_way_is_taken_for_the_rescue_too(host: WindowsHost) -> None:
    """A host that takes no chains is also cleaned up without chains after a cut."""
    host.manners.overlaps = False
    host.script = Script(prints=[(0, "Out", b"one"), (9, "Out", b"two")])
    host.faults = (Fault("cut", "answered", 24),)
    seen = visit(host)
    assert len(host.links) == 2
    assert isinstance(seen.error, ConnectionLostError)
    assert_clean(seen, host)


@pytest.mark.parametrize("status", [0xC000000D, 0xC00000BB, 0xC0000010])
def test_a_command_is_never_run_twice(host: WindowsHost, status: int) -> None:
    """The same statuses after the order to start the command end the run: nothing is repeated."""
    host.statuses["Out"] = [status]
    seen = visit(host)
    assert seen.error is not None
    assert len(host.runs) == 1
    assert len(seen.session.receipt.footprints) == 2
    assert_clean(seen, host)


@pytest.mark.parametrize("backwards", [False, True])
def test_output_keeps_its_order_with_several_reads_under_way(
    host: WindowsHost, *, backwards: bool
) -> None:
    """Lines come back in the order printed, also where answers overtake one another."""
    host.manners.backwards = backwards
    lines = [f"line {number}\r\n".encode() for number in range(50)]
    host.script = Script(
        prints=[(number // 8, "Out", lines[number]) for number in range(50)], ends_s=9
    )
    seen = visit(host)
    assert seen.result is not None
    assert seen.result.stdout == b"".join(lines)


@pytest.mark.parametrize("overlapped", [True, False])
def test_a_message_larger_than_a_read_comes_in_parts(
    host: WindowsHost, *, overlapped: bool
) -> None:
    """STATUS_BUFFER_OVERFLOW is an answer with more to come, not a failure."""
    data = bytes(range(256)) * 700
    host.script = Script(prints=[(0, "Out", data), (0, "Out", b"end")])
    seen = visit(host, overlapped=overlapped)
    assert seen.result is not None
    assert seen.result.stdout == data + b"end"


def test_late_pipes_are_waited_for(host: WindowsHost) -> None:
    """A main pipe and standard pipes that come late cost what they are late, and no more."""
    host.script = Script(main_late_s=1.0, pipes_late_s=0.5)
    seen = visit(host)
    assert seen.error is None
    assert 1.5 <= host.clock.now < 1.7
    assert_clean(seen, host)


def test_pipes_that_never_come_end_in_the_step_that_waits(host: WindowsHost) -> None:
    """A PAExec that opens no pipe is given up after the step's time, and removed."""
    host.script = Script(main_late_s=1e6)
    seen = visit(host)
    assert isinstance(seen.error, DeadlineError)
    assert seen.error.step == "reach PAExec"
    assert_clean(seen, host)


def test_a_killed_paexec_is_told_at_once(host: WindowsHost) -> None:
    """Where security software ends PAExec, nobody waits for a pipe that never comes."""
    host.script = Script(is_killed=True)
    seen = visit(host)
    assert isinstance(seen.error, BlockedError)
    assert host.clock.now < 1
    assert_clean(seen, host)


def test_too_much_output_ends_the_run_and_the_program(host: WindowsHost) -> None:
    """A program that prints more than is read is cut off, and the host is cleaned up."""
    host.script = Script(prints=[(at, "Out", b"x" * 1000) for at in range(300)], ends_s=300)
    seen = visit(host, max_bytes=5000, timeout_s=100)
    assert isinstance(seen.error, OutputTooLargeError)
    assert "5,000 bytes" in str(seen.error)
    assert not host.runs[0].program_runs
    assert_clean(seen, host)


def test_a_program_that_does_not_end_in_time_is_ended(host: WindowsHost) -> None:
    """After the timeout what was printed is kept, and the program and PAExec are ended."""
    host.script = Script(prints=[(0, "Out", b"half a li")], ends_s=None)
    seen = visit(host, timeout_s=7)
    assert isinstance(seen.error, CommandTimeoutError)
    assert seen.error.partial == b"half a li"
    assert 7 <= host.clock.now < 20
    assert_clean(seen, host)


def test_a_program_that_paexec_ends_has_timed_out(host: WindowsHost) -> None:
    """PAExec's own code for a program that it ended is a timeout, no exit code."""
    host.script = Script(exit_code=2**32 - 10)
    seen = visit(host)
    assert isinstance(seen.error, CommandTimeoutError)
    assert_clean(seen, host)


def test_the_bell_ends_a_run_at_once(host: WindowsHost) -> None:
    """When the user stops, the host is cleaned up without waiting for the program's time."""
    stop = threading.Event()
    host.script = Script(prints=[(0, "Out", b"some"), (4, "Out", b"more")], ends_s=None)
    host.clock.after(3.0, stop.set)
    seen = visit(host, timeout_s=600, stop=stop)
    assert isinstance(seen.error, StoppedError)
    assert seen.error.partial == b"some"
    assert host.clock.now < 30
    assert_clean(seen, host)


def test_a_bell_that_rings_during_a_pause_ends_the_run(host: WindowsHost) -> None:
    """The wait for a pipe that is late hears the bell too."""
    stop = threading.Event()
    host.script = Script(main_late_s=1e6)
    host.clock.after(1.0, stop.set)
    seen = visit(host, stop=stop)
    assert isinstance(seen.error, StoppedError)
    assert_clean(seen, host)


def test_a_command_that_cannot_be_started_says_what_paexec_says(host: WindowsHost) -> None:
    """PAExec's own words are in the message."""
    host.script = Script(starts=False)
    seen = visit(host)
    assert isinstance(seen.error, CommandFailedError)
    assert "Failed to start it. [Err=0x2]" in str(seen.error)
    assert_clean(seen, host)


def test_settings_that_paexec_refuses_end_the_run(host: WindowsHost) -> None:
    """A refusal without a reason is told as one."""
    host.script = Script(settings_fail=True)
    seen = visit(host)
    assert isinstance(seen.error, CommandFailedError)
    assert "no reason given" in str(seen.error)
    assert_clean(seen, host)


@pytest.mark.parametrize("kind", ["svcctl", "file", "main", "Out", "Err", "In"])
@pytest.mark.parametrize("overlapped", [True, False])
def test_a_refused_open_ends_the_run_and_leaves_nothing(
    host: WindowsHost, kind: str, *, overlapped: bool
) -> None:
    """Whatever cannot be opened, what was made before it is removed."""
    host.statuses[kind] = [0xC00000D0]
    seen = visit(host, overlapped=overlapped)
    assert seen.error is not None
    assert seen.error.kind == "busy"
    assert_clean(seen, host)


@pytest.mark.parametrize("overlapped", [True, False])
@pytest.mark.parametrize("write_bytes", [65536, 1 << 20])
def test_a_full_disk_leaves_no_part_of_the_program(
    host: WindowsHost, write_bytes: int, *, overlapped: bool
) -> None:
    """Where the upload fails half way, the part that is there is removed."""
    host.manners.write_bytes = write_bytes
    host.statuses["write"] = [0, 0xC000007F] if write_bytes == 65536 else [0xC000007F]
    seen = visit(host, overlapped=overlapped)
    assert isinstance(seen.error, ServiceFailedError)
    assert "no room on its system disk" in str(seen.error)
    assert_clean(seen, host)


@pytest.mark.parametrize("opnum", [15, 12, 19])
@pytest.mark.parametrize(
    ("code", "kind"), [(1055, "busy"), (1053, "service_failed"), (1115, "shutting_down")]
)
def test_a_refused_service_call_ends_the_run(
    host: WindowsHost, opnum: int, code: int, kind: str
) -> None:
    """Whatever the service manager refuses, the class says why and nothing stays."""
    host.codes[opnum] = [code]
    seen = visit(host)
    assert seen.error is not None
    assert seen.error.kind == kind
    assert_clean(seen, host)


def test_a_service_that_runs_already_is_no_failure(host: WindowsHost) -> None:
    """Error 1056 means that the service is up, so the run goes on until its pipe is missed."""
    host.codes[START] = [1056]
    seen = visit(host)
    assert isinstance(seen.error, BlockedError)
    assert seen.error.step == "reach PAExec"
    assert_clean(seen, host)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\5\0\3\3" + b"\0" * 28,  # a fault
        b"\5\0\2\3" + b"\0" * 8,  # an answer that is too short
        b"\5\0\x0d\3" + b"\0" * 40,  # no answer at all
    ],
)
@pytest.mark.parametrize("opnum", [-1, 15, 12, 19])
def test_a_garbled_service_manager_is_a_failure_of_that_host(
    host: WindowsHost, opnum: int, packet: bytes
) -> None:
    """Answers that are no RPC end in an error of ours that says at which step."""
    host.rpc[opnum] = [packet]
    seen = visit(host)
    assert isinstance(seen.error, ProtocolError | ServiceFailedError)
    assert seen.error.step in {
        "open the service manager",
        "create the service",
        "start the service",
    }
    assert_clean(seen, host)


@pytest.mark.parametrize("status", [0xC00000D0, 0xC0000203])
def test_a_read_that_fails_is_no_end_of_the_output(host: WindowsHost, status: int) -> None:
    """A pipe that ends otherwise than by its program's end is a failure, not a short answer."""
    host.script = Script(prints=[(0, "Out", b"half a li")], ends_s=1, breaks=status)
    seen = visit(host)
    assert isinstance(seen.error, HostError)
    assert seen.error.partial == b"half a li"
    assert_clean(seen, host)
