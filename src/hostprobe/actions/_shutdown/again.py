"""A look at a host that answers again: when it was started, and whether an image runs there."""

from dataclasses import dataclass
from datetime import datetime

from hostprobe import snapshot
from hostprobe.actions._shutdown.look import take
from hostprobe.actions._shutdown.request import Verb
from hostprobe.errors import UnknownOutputError
from hostprobe.models import Process
from hostprobe.snapshot import Collector
from hostprobe.transport.base import Session

_PARTS = snapshot.parts(connections=False, details=False, collector=Collector.NATIVE)


@dataclass(frozen=True, slots=True)
class Again:
    """What a host says after its restart.

    Attributes:
        booted_at: By its own clock; None where it does not tell.
        found: The processes of the image that was asked for; None where nobody knows.
    """

    booted_at: datetime | None
    found: tuple[Process, ...] | None


def look_again(session: Session, image: str | None, *, timeout_s: float) -> Again:
    """Ask a host that answers again; nothing on it is changed.

    Raises:
        HostError: It could not be asked, as one that is still on its way down or up.
        GuardError: It does not say which host it is.
    """
    seen = take(session, Verb.REBOOT, timeout_s=timeout_s)
    found = None if image is None else _processes(session, image, timeout_s)
    return Again(seen.booted_at, found)


def _processes(session: Session, image: str, timeout_s: float) -> tuple[Process, ...] | None:
    try:
        listed = snapshot.take(session, _PARTS, timeout_s=timeout_s).processes
    except UnknownOutputError:
        return None
    if listed is None:
        return None
    return tuple(row for row in listed.rows if row.name.casefold() == image.casefold())
