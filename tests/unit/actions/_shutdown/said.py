"""What hosts say when `shutdown` looks at them and tells them what to do."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hostprobe.actions._shutdown.look import Look, read
from hostprobe.actions._shutdown.plan import ShutdownPlan, draw
from hostprobe.actions._shutdown.request import ShutdownRequest, Verb
from hostprobe.errors import HostError
from hostprobe.transport.base import CommandResult
from hostprobe.transport.scripted import ScriptedSession

HEADER = " USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME\r\n"
ANNA = ">anna                  console             1  Active      none   7/1/2024 8:02 AM\r\n"
BEN = " ben                                       3  Disc            2  7/1/2024 9:30 AM\r\n"
NOON = 133511760000000000  # 2024-01-31 12:00:00 UTC in units of 100 ns since 1601
BOOT = f"H\t1\t{NOON}\t10.0.20348.0\t5.1.20348.1\nB\t20240130110000.500000+000\n"
THIS_HOST = b"==hostprobe:this-host== \r\n"


def looked(
    *,
    name: str = "PC7",
    users: str = HEADER + ANNA + BEN,
    users_code: str = "0",
    ntds: str = "1060",
    clock: str = " 9:05:33.12",
    boot: str = BOOT,
) -> bytes:
    """The answer of a host that is looked at."""
    text = (
        f"x\r\n==hostprobe:page:0== \r\n==hostprobe:host:{name}== \r\n"
        f"{users}==hostprobe:users:{users_code}==\r\n==hostprobe:ntds:{ntds}== \r\n"
        f"==hostprobe:clock:{clock}== \r\n{boot}==hostprobe:powershell:0==\r\n"
    )
    return text.encode()


def look(verb: Verb = Verb.SHUT_DOWN, data: bytes | None = None) -> Look:
    """What is read of such an answer."""
    return read(looked() if data is None else data, verb, name="10.0.0.5")


def planned(request: ShutdownRequest | None = None, data: bytes | None = None) -> ShutdownPlan:
    """The plan for a host that gave such an answer."""
    request = request or ShutdownRequest()
    return draw(look(request.verb, data), request)


def session(*answers: bytes | CommandResult | HostError) -> ScriptedSession:
    """A host that gives these answers, one after the other."""
    return ScriptedSession(_results(answers))


def _results(
    answers: Sequence[bytes | CommandResult | HostError],
) -> list[CommandResult | HostError]:
    return [CommandResult(each, b"", 0) if isinstance(each, bytes) else each for each in answers]


def at(*numbers: int) -> datetime:
    """A moment in UTC."""
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[arg-type,misc] # the numbers of a date
