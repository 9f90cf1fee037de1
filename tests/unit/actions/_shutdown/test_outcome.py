"""What came of it, in words."""

import pytest
from tests.unit.actions._shutdown.said import THIS_HOST, planned

from hostprobe.actions._shutdown.outcome import ShutdownOutcome, Verdict, cut, read
from hostprobe.actions._shutdown.request import ShutdownRequest, Verb
from hostprobe.errors import ConnectionLostError, GuardError
from hostprobe.transport.base import CommandResult


def judged(
    verb: Verb = Verb.SHUT_DOWN,
    said: bytes = b"",
    code: int = 0,
    *,
    sessions: tuple[int, ...] = (),
) -> ShutdownOutcome:
    """The outcome where the host says this behind its marker."""
    plan = planned(ShutdownRequest(verb=verb, sessions=sessions))
    return read(plan, CommandResult(THIS_HOST + said, b"", code), 20)


@pytest.mark.parametrize(
    ("verb", "code", "verdict", "exit_code", "words"),
    [
        (Verb.SHUT_DOWN, 0, Verdict.ACCEPTED, 0, "it goes down in 20 s"),
        (Verb.ABORT, 0, Verdict.DONE, 0, "the shutdown was taken back"),
        (Verb.ABORT, 1116, Verdict.NOTHING_TO_DO, 1, "there was none to abort"),
        (Verb.REBOOT, 1115, Verdict.REFUSED, 4, "in progress already"),
        (Verb.REBOOT, 1190, Verdict.REFUSED, 4, "scheduled already; --abort takes that back"),
        (Verb.REBOOT, 1191, Verdict.REFUSED, 4, "other users are logged on"),
        (Verb.REBOOT, 5, Verdict.REFUSED, 4, "access denied"),
        (Verb.REBOOT, 1314, Verdict.REFUSED, 4, "lacks the right"),
        (Verb.REBOOT, 4711, Verdict.REFUSED, 4, "failed with code 4711 (Oh no.)"),
    ],
)
def test_the_codes_of_shutdown(
    verb: Verb, code: int, verdict: Verdict, exit_code: int, words: str
) -> None:
    """Each known exit code is told in words; of another the host's own."""
    found = judged(verb, b"Oh no.\r\n", code)
    assert (found.verdict, found.code, found.exit_code) == (verdict, code, exit_code)
    assert words in found.detail
    assert ("Oh no." in found.detail) == (code == 4711)


def test_what_a_host_says_is_bounded() -> None:
    """A host that floods its error is cut short."""
    assert len(judged(said=b"x" * 60000, code=99).detail) < 300


@pytest.mark.parametrize(
    ("said", "verdict", "words"),
    [
        (b"==hostprobe:waits:0:4444==\r\n", Verdict.ACCEPTED, "process 4444 waits there for 20 s"),
        (b"==hostprobe:waits:2:==\r\n", Verdict.REFUSED, "may not start programs"),
        (b"==hostprobe:waits:8:==\r\n", Verdict.REFUSED, "Create failed with code 8"),
        (b"", Verdict.REFUSED, "PowerShell did not start what waits there"),
        (b"Not found.\r\n", Verdict.REFUSED, "waits there (Not found.)"),
    ],
)
def test_naps(said: bytes, verdict: Verdict, words: str) -> None:
    """What waits on the host is named by its PID, and why it does not by WMI's code."""
    found = judged(Verb.HIBERNATE, said)
    assert found.verdict is verdict
    assert words in found.detail


@pytest.mark.parametrize(
    ("said", "verdict", "words"),
    [
        (
            b"==hostprobe:session:1:0== \r\n==hostprobe:session:3:0==\r\n",
            Verdict.DONE,
            "session 1 (anna) logged off; session 3 (ben) logged off",
        ),
        (
            b"==hostprobe:session:1:0==\r\nOops\r\n==hostprobe:session:3:1==\r\n",
            Verdict.REFUSED,
            "session 3 (ben) failed with code 1 (Oops)",
        ),
        (b"==hostprobe:session:1:0==\r\n", Verdict.UNKNOWN, "session 3 (ben) unknown"),
        (
            b"==hostprobe:session:1:9009==\r\n==hostprobe:session:3:9009==\r\n",
            Verdict.REFUSED,
            "lacks the program",
        ),
    ],
)
def test_sessions(said: bytes, verdict: Verdict, words: str) -> None:
    """Each session is told on its own."""
    found = judged(Verb.LOG_OFF, said, sessions=(1, 3))
    assert found.verdict is verdict
    assert words in found.detail


def test_another_host() -> None:
    """Where another host answers, nothing was done, and that is an error."""
    answer = CommandResult(b"==hostprobe:other-host== \r\n", b"", 0)
    with pytest.raises(GuardError, match=r"PC7: another host answers .* nothing was done"):
        read(planned(), answer, 20)
    with pytest.raises(GuardError):
        cut(planned(), ConnectionLostError("lost", partial=answer.stdout))


def test_what_is_not_known() -> None:
    """An answer that is cut, or is something else, leaves it unknown."""
    other = read(planned(), CommandResult(b"hello", b"", 0), 20)
    assert (other.verdict, other.exit_code) == (Verdict.UNKNOWN, 4)
    error = ConnectionLostError("pc7: lost")
    found = cut(planned(), error)
    assert (found.verdict, found.exit_code, found.error) == (Verdict.UNKNOWN, 4, error)
