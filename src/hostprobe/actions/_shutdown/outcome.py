"""What came of a plan on its host, in words.

Source: [MS-ERREF] 2.2: the exit code of shutdown.exe is a Win32 error code; Win32_Process.Create
has codes of its own.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from hostprobe.actions._shutdown import remote
from hostprobe.actions._shutdown.plan import ShutdownPlan
from hostprobe.actions._shutdown.request import Verb
from hostprobe.actions._spans import span
from hostprobe.errors import GuardError, HostError
from hostprobe.transport.base import CommandResult
from hostprobe.transport.decoding import decode

_MOST_TEXT = 200
_NOTHING_TO_ABORT = 1116
_NOT_FOUND = (9009, 3)  # errorlevel of cmd.exe for a program that is not there
CODES = {
    1: "it is not supported there, or the program is missing",
    5: "access denied: the account may not do this there",
    50: "the host does not support it (hibernation is off, for one)",
    87: "the host did not understand the request",
    1115: "a shutdown is in progress already: too late to add or abort one",
    1116: "no shutdown was scheduled, so there was none to abort",
    1190: "a shutdown is scheduled already; --abort takes that back",
    1191: "other users are logged on, and it was not to be forced",
    1271: "the host is locked, and it was not to be forced",
    1300: "access denied: the account lacks the right to shut the host down",
    1314: "access denied: the account lacks the right to shut the host down",
}
_CREATE_CODES = {
    2: "access denied: the account may not start programs there",
    3: "access denied: the account lacks a right",
    9: "the program is missing there",
}
_WAITS = re.compile(rb"^==hostprobe:waits:([0-9]{1,10}):([0-9]{0,10})==[ \t]*\r*$", re.MULTILINE)
_SESSION = re.compile(
    rb"^==hostprobe:session:([0-9]{1,5}):(-?[0-9]{1,10})==[ \t]*\r*$", re.MULTILINE
)


class Verdict(StrEnum):
    """What came of it; the last five are known only after a watch."""

    ACCEPTED = "accepted"
    DONE = "done"
    NOTHING_TO_DO = "nothing_to_do"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    WENT_DOWN = "went_down"
    STILL_UP = "still_up"
    CAME_BACK = "came_back"
    NOT_BACK = "not_back"
    NOT_RESTARTED = "not_restarted"


_EXIT_CODES = {
    Verdict.ACCEPTED: 0,
    Verdict.DONE: 0,
    Verdict.WENT_DOWN: 0,
    Verdict.CAME_BACK: 0,
    Verdict.NOTHING_TO_DO: 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownOutcome:
    """What came of a plan.

    Attributes:
        code: What shutdown.exe exited with; None where it did not, or nobody saw.
        delay_s: After which it was told to act.
        detail: All of it in words.
        recheck: Whether an image that was asked for runs after a restart, in words.
        error: What cut the host's answer; None where it came whole.
    """

    host_name: str
    verb: Verb
    verdict: Verdict
    code: int | None
    detail: str
    delay_s: int = 0
    recheck: str | None = None
    notes: tuple[str, ...] = ()
    error: HostError | None = None

    @property
    def exit_code(self) -> int:
        """0 done, 1 there was nothing to do, 4 not done or unknown."""
        return _EXIT_CODES.get(self.verdict, 4)


def cut(plan: ShutdownPlan, error: HostError) -> ShutdownOutcome:
    """The outcome where the host's answer did not come whole."""
    _require_host(plan, error.partial or b"")
    detail = "unknown: the host did not tell whether it took the order"
    return _outcome(plan, Verdict.UNKNOWN, None, detail, error)


def read(plan: ShutdownPlan, answer: CommandResult, delay_s: int) -> ShutdownOutcome:
    """Judge the answer of the remote command.

    Raises:
        GuardError: Another host answered; nothing was done.
    """
    _require_host(plan, answer.stdout)
    verb = plan.request.verb
    if remote.THIS_HOST not in answer.stdout:
        return _outcome(plan, Verdict.UNKNOWN, None, "unknown: the host answered something else")
    if verb.is_for_sessions:
        return _of_sessions(plan, answer.stdout)
    judge = _of_nap if verb.is_nap else _of_shutdown
    return replace(judge(plan, answer, delay_s), delay_s=delay_s if verb.goes_down else 0)


def in_words(code: int) -> str:
    """What an exit code of shutdown.exe means."""
    return CODES.get(code, f"shutdown.exe failed with code {code}")


def _of_shutdown(plan: ShutdownPlan, answer: CommandResult, delay_s: int) -> ShutdownOutcome:
    code = answer.exit_code
    if code == 0:
        aborts = plan.request.verb is Verb.ABORT
        detail = "the shutdown was taken back" if aborts else f"it goes down in {span(delay_s)}"
        return _outcome(plan, Verdict.DONE if aborts else Verdict.ACCEPTED, code, detail)
    verdict = Verdict.NOTHING_TO_DO if code == _NOTHING_TO_ABORT else Verdict.REFUSED
    said = "" if code in CODES else _said(answer.stdout)
    return _outcome(plan, verdict, code, in_words(code) + said)


def _of_nap(plan: ShutdownPlan, answer: CommandResult, delay_s: int) -> ShutdownOutcome:
    match = _WAITS.search(answer.stdout)
    if match is None:
        detail = f"PowerShell did not start what waits there{_said(answer.stdout)}"
        return _outcome(plan, Verdict.REFUSED, None, detail)
    code, pid = int(match[1]), match[2].decode()
    if code:
        detail = _CREATE_CODES.get(code, f"Win32_Process.Create failed with code {code}")
        return _outcome(plan, Verdict.REFUSED, code, detail)
    word = plan.request.verb.value
    detail = f"process {pid} waits there for {span(delay_s)}, then lets it {word}"
    return _outcome(plan, Verdict.ACCEPTED, 0, detail)


def _of_sessions(plan: ShutdownPlan, data: bytes) -> ShutdownOutcome:
    codes = {int(number): int(code) for number, code in _SESSION.findall(data)}
    done = "logged off" if plan.request.verb is Verb.LOG_OFF else "disconnected, which locks it"
    words = []
    for session in plan.sessions:
        code = codes.get(session.id)
        what = {None: "unknown", 0: done}.get(code, f"failed with code {code}")
        if code in _NOT_FOUND:
            what = "not done: this edition of Windows lacks the program"
        words.append(f"session {session.id} ({session.user}) {what}")
    found = {codes.get(session.id) for session in plan.sessions}
    verdict = Verdict.DONE if found == {0} else Verdict.REFUSED
    if None in found:
        verdict = Verdict.UNKNOWN
    said = "" if verdict is Verdict.DONE else _said(_SESSION.sub(b"", data))
    return _outcome(plan, verdict, max((c or 0 for c in found), default=0), "; ".join(words) + said)


def _require_host(plan: ShutdownPlan, data: bytes) -> None:
    if re.search(rb"^" + remote.OTHER_HOST, data, re.MULTILINE):
        msg = f"{plan.host_name}: another host answers under its address now; nothing was done"
        raise GuardError(msg)


def _said(data: bytes) -> str:
    """What the host printed, short, in brackets; empty where it printed nothing."""
    text = " ".join(decode(data.replace(remote.THIS_HOST, b""), None).split())
    return f" ({text[:_MOST_TEXT]})" if text else ""


def _outcome(
    plan: ShutdownPlan,
    verdict: Verdict,
    code: int | None,
    detail: str,
    error: HostError | None = None,
) -> ShutdownOutcome:
    return ShutdownOutcome(
        host_name=plan.host_name,
        verb=plan.request.verb,
        verdict=verdict,
        code=code,
        detail=detail,
        error=error,
    )
