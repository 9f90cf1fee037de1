"""What a run leaves on the host, whatever happens: nothing, or what is reported."""

from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.transport.psexec.fake_host import (
    CONTROL,
    CREATE_SERVICE,
    DELETE,
    OPEN_SERVICE,
    QUERY,
    WindowsHost,
)
from tests.unit.transport.psexec.fake_paexec import Script
from tests.unit.transport.psexec.fake_smb import Fault, Manners
from tests.unit.transport.psexec.visits import Visit, journaled, visit

from hostprobe.errors import DeadlineError, HostError, HostprobeError

WHOLE_RUN = 40  # more frames than any run has, in either direction
PRINTS = Script(
    prints=[(0, "Out", b"one\r\n"), (1, "Err", b"two\r\n"), (4, "Out", b"three\r\n")], ends_s=5
)


def assert_truthful(seen: Visit, host: WindowsHost) -> None:
    """What is on the host is reported, and the journal remembers it.

    A process need not be named where its file is: the one cannot go before the other.
    """
    named = {left.replace("file %SystemRoot%\\", "process ") for left in seen.reported}
    assert set(host.left()) <= named | set(seen.reported)
    assert bool(journaled()) == bool(seen.reported)
    if isinstance(seen.error, HostError):
        assert seen.error.left_behind == seen.reported


def assert_clean(seen: Visit, host: WindowsHost) -> None:
    """Nothing is there, and nothing is reported."""
    assert_truthful(seen, host)
    assert (seen.reported, host.left()) == ((), ())


@pytest.mark.parametrize("frames", range(WHOLE_RUN))
@pytest.mark.parametrize("side", ["asked", "answered"])
@pytest.mark.parametrize("kind", ["cut", "silent"])
@pytest.mark.parametrize("overlapped", [True, False])
def test_a_connection_that_fails_at_any_frame_is_made_good_by_a_second(
    host: WindowsHost,
    frames: int,
    side: Literal["asked", "answered"],
    kind: Literal["cut", "silent"],
    *,
    overlapped: bool,
) -> None:
    """Cut or silent after any frame, asked or answered: the host ends up clean.

    What a program started that was running when the host fell silent is beyond proof, and named.
    """
    host.script = PRINTS
    host.faults = (Fault(kind, side, frames + 2),)  # behind the two trees
    seen = visit(host, overlapped=overlapped, timeout_s=60)
    assert_truthful(seen, host)
    assert host.left() == ()
    running = kind == "silent" and seen.error is not None and seen.error.kind == "command_timeout"
    assert all(running and "may still run" in left for left in seen.reported)
    assert host.clock.now < 60 + 20 + 40
    if seen.error is not None:
        assert seen.error.kind in {"connection_lost", "deadline", "command_timeout"}


@pytest.mark.parametrize("frames", range(WHOLE_RUN))
@pytest.mark.parametrize("kind", ["cut", "silent"])
def test_a_program_that_never_ends_is_ended_or_reported(
    host: WindowsHost, frames: int, kind: Literal["cut", "silent"]
) -> None:
    """Whenever the connection fails around a program that hangs, the report is true."""
    host.script = Script(ends_s=None)
    host.faults = (Fault(kind, "answered", frames + 2),)
    seen = visit(host, timeout_s=60)
    assert seen.error is not None
    assert_truthful(seen, host)


@pytest.mark.parametrize("frames", range(WHOLE_RUN))
@pytest.mark.parametrize("side", ["asked", "answered"])
def test_a_host_that_is_gone_after_any_frame_is_reported(
    host: WindowsHost, frames: int, side: Literal["asked", "answered"]
) -> None:
    """Where no second connection can be made, whatever is on the host is named."""
    host.script = PRINTS
    host.faults = (Fault("cut", side, frames + 2),)
    host.unreachable_after = 1
    seen = visit(host, timeout_s=60)
    reported = " ".join(seen.reported)
    assert all(left.split()[-1].removesuffix(".exe") in reported for left in host.left())
    assert bool(journaled()) == bool(seen.reported)


@pytest.mark.parametrize("frames", range(20))
def test_a_second_connection_that_fails_too_reports_what_may_be_left(
    host: WindowsHost, frames: int
) -> None:
    """Nothing is called clean that was not seen to be clean."""
    host.script = PRINTS
    host.faults = (Fault("cut", "answered", 20), Fault("cut", "answered", frames))
    seen = visit(host, timeout_s=60)
    reported = " ".join(seen.reported)
    assert all(left.split()[-1] in reported for left in host.left())
    assert bool(journaled()) == bool(seen.reported)


def test_an_image_that_is_still_in_use_is_removed_a_little_later(host: WindowsHost) -> None:
    """The file is tried again until the process has ended."""
    host.script = Script(stop_s=1.0, image_held_s=3.0)
    assert_clean(visit(host), host)
    assert 4.0 <= host.clock.now < 6.0


def test_an_image_that_stays_in_use_is_reported(host: WindowsHost) -> None:
    """A process that does not end keeps its file, which alone is named; the result is told."""
    host.script = Script(image_held_s=1e6)
    seen = visit(host)
    assert seen.result is not None
    assert [left.split()[0] for left in seen.reported] == ["file"]
    assert_truthful(seen, host)
    assert journaled()


def test_a_service_that_does_not_stop_is_reported(host: WindowsHost) -> None:
    """A cut-off program whose PAExec stays is named with its file."""
    host.script = Script(ends_s=None, stop_s=1e6)
    host.faults = (Fault("cut", "asked", 16),)
    seen = visit(host, timeout_s=5)
    assert_truthful(seen, host)
    assert {left.split()[0] for left in seen.reported} == {"service", "process", "file"}


@pytest.mark.parametrize(
    ("opnum", "code"), [(CONTROL, 1060), (CONTROL, 1061), (CONTROL, 1062), (DELETE, 1060)]
)
def test_a_service_that_is_gone_already_is_no_failure(
    host: WindowsHost, opnum: int, code: int
) -> None:
    """Codes that mean that there is nothing to stop or to delete count as done."""
    host.codes[opnum] = [code]
    seen = visit(host)
    assert seen.reported == ()
    assert not [left for left in host.left() if left.startswith("file")]


def test_a_service_that_is_marked_for_deletion_counts_as_deleted(host: WindowsHost) -> None:
    """It goes when the last handle is closed."""
    host.codes[DELETE] = [1072]
    assert visit(host).reported == ()


def test_a_service_that_may_not_be_stopped_stops_by_itself(host: WindowsHost) -> None:
    """Access denied to the order to stop is made good by PAExec, whose main pipe has closed."""
    host.codes[CONTROL] = [5]
    assert_clean(visit(host), host)


def test_a_service_that_may_not_be_removed_is_reported(host: WindowsHost) -> None:
    """Access denied by the service manager leaves the service, and says so."""
    host.codes[DELETE] = [5]
    seen = visit(host)
    assert seen.result is not None
    assert_truthful(seen, host)
    assert seen.reported[0].startswith("service PAExec-")


def test_a_file_that_may_not_be_removed_is_reported(host: WindowsHost) -> None:
    """Access denied at the file until the time is over leaves the file, and says so."""
    host.statuses["file"] = [0, *[0xC0000022] * 99]
    seen = visit(host)
    assert_truthful(seen, host)
    assert any(left.startswith(r"file %SystemRoot%\PAExec-") for left in seen.reported)
    assert 15 < host.clock.now < 25


def test_a_file_that_cannot_be_removed_for_another_reason_is_not_tried_again(
    host: WindowsHost,
) -> None:
    """A disk error is reported at once."""
    host.statuses["file"] = [0, 0xC0000185]
    seen = visit(host)
    assert_truthful(seen, host)
    assert len(seen.reported) == 1
    assert host.clock.now < 1


@pytest.mark.parametrize("status", [0xC0000034, 0xC000000F])
def test_a_file_that_is_gone_already_is_no_failure(host: WindowsHost, status: int) -> None:
    """Security software may have been quicker."""
    host.statuses["file"] = [0, status]
    assert visit(host).reported == ()


@pytest.mark.parametrize("status", [0xC0000043, 0xC0000056, 0xC0000121])
def test_a_file_that_is_held_for_a_moment_is_removed(host: WindowsHost, status: int) -> None:
    """A scanner that has the file open only delays its removal."""
    host.statuses["file"] = [0, status, status]
    assert_clean(visit(host), host)


def test_a_service_whose_making_was_not_answered_is_found_by_its_name(host: WindowsHost) -> None:
    """The rescue opens the service by the name that the journal has."""
    host.faults = (Fault("cut", "answered", 5),)
    seen = visit(host)
    assert OPEN_SERVICE in host.calls
    assert_clean(seen, host)


def test_a_service_that_cannot_be_looked_up_is_reported(host: WindowsHost) -> None:
    """An error other than "no such service" proves nothing."""
    host.codes[CREATE_SERVICE] = [1053]
    host.codes[OPEN_SERVICE] = [5]
    seen = visit(host)
    assert [left.split()[0] for left in seen.reported] == ["service"]


def test_a_service_whose_state_is_garbled_is_reported(host: WindowsHost) -> None:
    """A state that cannot be read ends in a report or a second look, never in a clean host."""
    host.script = PRINTS
    host.statuses["Out"] = [0xC00000D0]
    host.rpc[QUERY] = [b"\5\0\2\3" + b"\0" * 30] * 99
    seen = visit(host)
    assert seen.error is not None
    assert_truthful(seen, host)


def test_a_program_that_waits_for_its_pipes_is_let_go(host: WindowsHost) -> None:
    """PAExec waits without limit for its three pipes, so the clean-up opens the missing ones."""
    host.statuses["In"] = [0xC00000D0]
    seen = visit(host)
    assert seen.error is not None
    assert_clean(seen, host)
    assert host.clock.now < 10


def test_the_failure_of_a_run_is_told_with_what_is_left(host: WindowsHost) -> None:
    """Both are in one error: what ended the run, and what is still there."""
    host.faults = (Fault("silent", "answered", 12),)
    host.unreachable_after = 1
    seen = visit(host)
    assert isinstance(seen.error, DeadlineError)
    assert seen.error.left_behind == seen.reported != ()


def flipped(number: int, at: float, mask: int) -> Callable[[int, bytes], bytes]:
    """What changes one byte of one frame."""

    def altered(frame: int, packet: bytes) -> bytes:
        if frame != number + 2:
            return packet
        changed = bytearray(packet)
        changed[int(at * len(packet))] ^= mask
        return bytes(changed)

    return altered


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    number=st.integers(1, 32),
    at=st.floats(0, 1, exclude_max=True),
    mask=st.integers(1, 255),
    cipher=st.sampled_from(["AES-128-GCM", None]),
    ended=st.booleans(),
)
def test_a_host_that_lies_is_survived(
    number: int, at: float, mask: int, cipher: str | None, *, ended: bool
) -> None:
    """One wrong byte anywhere: a result or an error of ours, in time, and a true report."""
    script = Script(prints=PRINTS.prints, ends_s=5 if ended else None, image_held_s=0.2)
    manners = Manners(cipher=cipher, altered=flipped(number, at, mask))
    host = WindowsHost(script=script, manners=manners)
    for entry in journaled():
        entry.unlink()
    seen = visit(host, timeout_s=8)
    assert isinstance(seen.error, HostprobeError) or seen.result is not None
    assert_truthful(seen, host)
    assert host.clock.now < 200


@pytest.mark.parametrize("frames", [*range(6, 17)])
def test_a_session_that_the_host_still_holds_is_ended_by_the_second(frames: int) -> None:
    """Where the host never learns that a connection is gone, its handles keep no service."""
    host = WindowsHost(manners=Manners(half_open=True))
    host.faults = (Fault("silent", "answered", frames),)
    seen = visit(host, timeout_s=8)
    assert_truthful(seen, host)
    assert seen.reported == ()
