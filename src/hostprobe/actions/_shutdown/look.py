"""One remote command that only reads: which host it is, who is logged on, what it is, since when.

Source: quser, `sc query`, %TIME% of cmd.exe (always 24 hours, its separators are the country's),
Win32_OperatingSystem by way of PowerShell. The service NTDS is there on domain controllers alone;
1060 says that a service is not. What did not answer is unknown, never assumed.

    ==hostprobe:host:NAME==   ==hostprobe:users:CODE==   ==hostprobe:ntds:CODE==
    ==hostprobe:clock: 9:05:33.12==                      ==hostprobe:powershell:CODE==
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hostprobe.actions._remote import is_safe_host
from hostprobe.actions._shutdown.request import Verb
from hostprobe.actions._shutdown.users import UserSession, parse
from hostprobe.errors import GuardError, UnknownOutputError
from hostprobe.probes import _powershell as powershell
from hostprobe.transport import code_page
from hostprobe.transport.base import Command, Session
from hostprobe.transport.decoding import decode

SYSTEM32 = r"%SystemRoot%\System32"
_MAX_BYTES = 1 << 20
_NO_SUCH_SERVICE = 1060
_MARKER = re.compile(
    rb"^==hostprobe:(?P<part>[a-z]{1,16}):(?P<value>[A-Za-z0-9_ :.,-]{0,63})==[ \t]*\r*$",
    re.MULTILINE,
)
_CLOCK = re.compile(r"\s*([0-9]{1,2})\D([0-9]{2})\D([0-9]{2})\D.*")
_USERS = (
    rf"(if exist {SYSTEM32}\quser.exe"
    rf" ({SYSTEM32}\quser.exe <nul 2>&1 & echo ==hostprobe:users:!errorlevel!==)"
    " else echo ==hostprobe:users:none==)"
)
_BOOT = (
    r"foreach($s in Q 'root\cimv2' 'SELECT LastBootUpTime FROM Win32_OperatingSystem'){"
    "W ('B',$s.LastBootUpTime)};"
)
_REST = (
    rf"{SYSTEM32}\sc.exe query NTDS <nul >nul & echo ==hostprobe:ntds:!errorlevel!==",
    "echo ==hostprobe:clock:!TIME!==",
    f'{powershell.EXECUTABLE} {powershell.FLAGS} "{powershell.query(_BOOT)}" <nul',
    "echo ==hostprobe:powershell:!errorlevel!==",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a host said of itself; None is unknown throughout.

    Attributes:
        host_name: A name that may stand in a command line.
        collected_at: By our clock.
        users: Empty where nobody is logged on.
        clock_s: What the host's clock shows, in seconds since its midnight.
        booted_at: By the host's clock.
        uptime_s: When it was asked.
        notes: Why something is unknown.
    """

    host_name: str
    collected_at: datetime
    users: tuple[UserSession, ...] | None = None
    is_domain_controller: bool | None = None
    clock_s: int | None = None
    booted_at: datetime | None = None
    uptime_s: float | None = None
    notes: tuple[str, ...] = ()


def command(verb: Verb) -> Command:
    """The command whose answer `read` takes apart: no more than the verb needs to know."""
    steps = [f"echo {code_page.LINE}", "echo ==hostprobe:page:0=="]
    steps.append("echo ==hostprobe:host:!COMPUTERNAME!==")
    if verb is not Verb.ABORT:
        steps.append(_USERS)
    if verb.goes_down:
        steps.extend(_REST)
    return Command("cmd.exe", f'/d /v:on /s /c "{" & ".join(steps)}"')


def take(session: Session, verb: Verb, *, timeout_s: float) -> Look:
    """Look at a host; nothing on it is changed.

    Raises:
        GuardError: It does not say which host it is.
        HostError: It could not be asked.
    """
    answer = session.run(command(verb), timeout_s=timeout_s, max_bytes=_MAX_BYTES)
    return read(answer.stdout, verb, name=session.facts.host_name or session.facts.address)


def read(data: bytes, verb: Verb, *, name: str) -> Look:
    """Read the answer.

    Args:
        data: What the command printed.
        verb: What it was made for.
        name: What a host without a name of its own is called in the message.

    Raises:
        GuardError: It does not say which host it is.
    """
    parts = _parts(data)
    host_name = parts.get("host", (b"", ""))[1]
    if not is_safe_host(host_name):
        msg = f"{name}: the host does not state its name, so nothing was done"
        raise GuardError(msg)
    page = code_page.code_page_told(parts.get("page", (b"", ""))[0])
    asks = verb is not Verb.ABORT
    users, why = _users(parts, page) if asks else (None, None)
    booted_at, uptime_s = _boot(parts)
    _, code = parts.get("ntds", (b"", ""))
    return Look(
        host_name=host_name,
        collected_at=datetime.now(UTC),
        users=users,
        is_domain_controller={"0": True, str(_NO_SUCH_SERVICE): False}.get(code),
        clock_s=_clock(parts.get("clock", (b"", ""))[1]),
        booted_at=booted_at,
        uptime_s=uptime_s,
        notes=(why,) if why else (),
    )


def _parts(data: bytes) -> Mapping[str, tuple[bytes, str]]:
    """What stands before each marker, and what it says; of two of a name the first."""
    found: dict[str, tuple[bytes, str]] = {}
    start = 0
    for marker in _MARKER.finditer(data):
        value = (data[start : marker.start()], marker["value"].decode("ascii"))
        found.setdefault(marker["part"].decode("ascii"), value)
        start = marker.end()
    return found


def _users(
    parts: Mapping[str, tuple[bytes, str]], page: int | None
) -> tuple[tuple[UserSession, ...] | None, str | None]:
    """Who is logged on; or None, and why that is unknown."""
    output, code = parts.get("users", (b"", ""))
    if code == "none":
        return None, "this edition of Windows has no quser.exe"
    try:
        return parse(decode(output, page)), None
    except UnknownOutputError as error:
        return None, str(error)


def _clock(text: str) -> int | None:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = map(int, match.groups())
    return hours * 3600 + minutes * 60 + seconds if hours < 24 and minutes < 60 > seconds else None


def _boot(parts: Mapping[str, tuple[bytes, str]]) -> tuple[datetime | None, float | None]:
    """When the host was started and how long ago that is, both by its own clock."""
    now: datetime | None = None
    booted_at: datetime | None = None
    for line in parts.get("powershell", (b"", ""))[0].decode("utf-8", "replace").splitlines():
        kind, *fields = line.strip().split("\t")
        with suppress(ValueError, OverflowError):
            if kind == "H" and len(fields) > 1:
                now = powershell.moment_of_filetime(fields[1])
            elif kind == "B" and fields:
                booted_at = powershell.moment(fields[0])
    if now is None or booted_at is None or now < booted_at - timedelta(seconds=1):
        return None, None
    return booted_at, (now - booted_at).total_seconds()
