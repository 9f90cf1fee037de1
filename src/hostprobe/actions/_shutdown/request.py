"""What the user asked a host to do: go down, come back, or let its users go.

Source: `shutdown /?` for the reason (`[p|u:]major:minor`), the length of a message and the delay.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from hostprobe.errors import UsageError

LEAST_DELAY_S = 10
DEFAULT_DELAY_S = 20
_MOST_DELAY_S = 30 * 86400
_MOST_NAP_DELAY_S = 600  # until then a process of ours would wait on the host
_MOST_MESSAGE = 512
MOST_SESSION = 65535
_MOST_MAJOR, _MOST_MINOR = 255, 65535
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_REASON = re.compile(r"([pu]):([0-9]{1,3}):([0-9]{1,5})", re.IGNORECASE)
_KINDS = {"p": "planned", "u": "user-defined"}
_MAJORS = {
    0: "other",
    1: "hardware",
    2: "operating system",
    3: "software",
    4: "application",
    5: "system failure",
    6: "power failure",
}
_MINORS = {(5, 19): "security issue", (5, 20): "loss of network connectivity"}


class Verb(StrEnum):
    """What a host is to do."""

    SHUT_DOWN = "shutdown"
    REBOOT = "reboot"
    HIBERNATE = "hibernate"
    SUSPEND = "suspend"
    ABORT = "abort"
    LOG_OFF = "logoff"
    LOCK = "lock"

    @property
    def goes_down(self) -> bool:
        """Whether the host is silent afterwards, for a while at least."""
        return self in {Verb.SHUT_DOWN, Verb.REBOOT} or self.is_nap

    @property
    def is_nap(self) -> bool:
        """Whether Windows itself knows no delay for it."""
        return self in {Verb.HIBERNATE, Verb.SUSPEND}

    @property
    def is_for_sessions(self) -> bool:
        """Whether it is done to sessions of users, not to the host."""
        return self in {Verb.LOG_OFF, Verb.LOCK}


@dataclass(frozen=True, slots=True)
class Reason:
    """What the host's event log (1074) says of a shutdown's cause."""

    kind: Literal["p", "u"] = "p"
    major: int = 5
    minor: int = 19

    def __str__(self) -> str:
        """As shutdown.exe takes it: `p:5:19`."""
        return f"{self.kind}:{self.major}:{self.minor}"

    @property
    def in_words(self) -> str:
        """What Windows calls it."""
        words = _MINORS.get((self.major, self.minor)) or _MAJORS.get(self.major, "unnamed")
        return f"{_KINDS[self.kind]}, {words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownRequest:
    """What the user asked for.

    Attributes:
        delay_s: From when the host has been told.
        at: `HH:MM` by the host's own clock, instead of a delay.
        message: For who sits at the host.
        force: Programs are closed without asking where a delay does not imply it.
        sessions: Which to lock or log off; none: all that are connected.
    """

    verb: Verb = Verb.SHUT_DOWN
    delay_s: int = DEFAULT_DELAY_S
    at: str | None = None
    message: str = ""
    reason: Reason = field(default_factory=Reason)
    force: bool = False
    sessions: tuple[int, ...] = ()


def check(request: ShutdownRequest) -> None:
    """Refuse what cannot be meant.

    Raises:
        UsageError: Two things that do not go together, or one that Windows does not take.
    """
    verb = request.verb
    waits = verb.goes_down
    tells = waits and not verb.is_nap
    for what, is_given, is_allowed in (
        ("--at", request.at is not None, waits),
        ("--message", bool(request.message), tells),
        ("--force", request.force, tells or verb is Verb.HIBERNATE),
        ("--session", bool(request.sessions), verb.is_for_sessions),
    ):
        if is_given and not is_allowed:
            msg = f"{what} does not go with --{verb.value}"
            raise UsageError(msg)
    if request.at is not None and not _CLOCK.fullmatch(request.at):
        msg = f"--at {request.at!r} is no time of day such as 23:30"
        raise UsageError(msg)
    _check_message(request.message)
    _check_reason(request.reason)
    if any(not 0 < session <= MOST_SESSION for session in request.sessions):
        msg = f"--session takes the number of a session, 1 to {MOST_SESSION}"
        raise UsageError(msg)
    check_delay(verb, request.delay_s)


def check_delay(verb: Verb, delay_s: int) -> None:
    """See that a host can be told to wait so long.

    Raises:
        UsageError: It cannot.
    """
    most_s = _MOST_NAP_DELAY_S if verb.is_nap else _MOST_DELAY_S
    if not 0 <= delay_s <= most_s:
        limit = "10 minutes" if verb.is_nap else "30 days"
        msg = f"--{verb.value} can be put off by {limit} at most"
        raise UsageError(msg)


def _check_message(message: str) -> None:
    # Windows counts UTF-16 units.
    if len(message.encode("utf-16-le", errors="surrogatepass")) > 2 * _MOST_MESSAGE:
        msg = f"--message is longer than the {_MOST_MESSAGE} characters that Windows shows"
        raise UsageError(msg)
    if not message.isprintable():
        msg = "--message must be one line of printable characters"
        raise UsageError(msg)


def _check_reason(reason: Reason) -> None:
    if not (0 <= reason.major <= _MOST_MAJOR and 0 <= reason.minor <= _MOST_MINOR):
        msg = f"--reason {reason} has a major number below 256 and a minor one below 65536"
        raise UsageError(msg)


def parse_reason(text: str) -> Reason:
    """The reason in `p:5:19`.

    Raises:
        UsageError: It is no reason that shutdown.exe takes.
    """
    match = _REASON.fullmatch(text.strip())
    if match is None:
        msg = f"--reason {text!r} is no p:MAJOR:MINOR or u:MAJOR:MINOR"
        raise UsageError(msg)
    kind: Literal["p", "u"] = "p" if match[1] in "pP" else "u"
    reason = Reason(kind, int(match[2]), int(match[3]))
    _check_reason(reason)
    return reason
