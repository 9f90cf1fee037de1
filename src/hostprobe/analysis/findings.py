"""What a session met, in words: one finding for each check."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from hostprobe import snapshot
from hostprobe.analysis.figures import figures
from hostprobe.snapshot import Snapshot
from hostprobe.transport import hello
from hostprobe.transport.hello import Hello
from hostprobe.transport.trail import Trail

SKEW: Final = timedelta(minutes=5)
"""Clocks that are further apart, and Kerberos refuses."""

_ADD_FILE: Final = 0x2
_MOST_NAMED: Final = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found.

    Attributes:
        is_doubtful: Whether it works, but not as well as it should.
    """

    text: str
    is_doubtful: bool = False


def ahead(trail: Trail) -> timedelta | None:
    """How far the host's clock is ahead of ours; None where it did not tell the time."""
    told = hello.read(trail.hellos).time
    return told - trail.heard_at if told and trail.heard_at else None


def addresses(trail: Trail) -> Finding:
    """Of the host's name."""
    found = trail.addresses
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return Finding(", ".join(found[:_MOST_NAMED]) + more)


def port(trail: Trail) -> Finding:
    """Who took the call."""
    return Finding(f"{trail.address} takes the call")


def smb(trail: Trail) -> Finding:
    """What was agreed."""
    told = hello.read(trail.hellos)
    signing = "signing required" if told.signing_required else "signing offered"
    return Finding(f"{told.dialect}, {told.cipher or 'no encryption'}, {signing}", not told.cipher)


def clock(trail: Trail) -> Finding:
    """How far apart both clocks are."""
    found = ahead(trail)
    if found is None:
        return Finding("the host does not tell its time")
    is_far = abs(found) > SKEW
    words = apart(found)
    is_same = abs(found) < timedelta(seconds=2)
    limit = ": Kerberos bears five minutes" if is_far else ""
    return Finding(f"{'right to two seconds' if is_same else words}{limit}", is_far)


def log_in(trail: Trail) -> Finding:
    """How, and what the host says of itself."""
    told = hello.read(trail.hellos)
    return Finding("; ".join(filter(None, (_method(told), _itself(told)))))


def _method(told: Hello) -> str:
    return "NTLM" if told.has_challenged else "Kerberos"


def _itself(told: Hello) -> str:
    """Name, domain and version; empty where it told none."""
    name = told.dns_name or told.name
    domain = f"domain {told.domain}" if told.is_in_domain else "in no domain"
    version = f"Windows {told.windows}" if told.windows else ""
    return ", ".join(filter(None, (f"calls itself {name}", domain, version))) if name else ""


def admin_share(trail: Trail) -> Finding:
    """Whether the program can be written there."""
    if trail.access.get("ADMIN$", 0) & _ADD_FILE:
        return Finding("opened as an administrator, who may write there")
    return Finding("opened, but the host says that nothing may be written there", is_doubtful=True)


def upload(trail: Trail) -> Finding:
    """How the program went."""
    parts = figures(trail).upload_writes
    return Finding(f"paexec.exe written in {'one message' if parts == 1 else f'{parts} messages'}")


def paexec(trail: Trail) -> Finding:
    """How soon it was there."""
    misses = figures(trail).main_pipe_misses
    when = "at once" if not misses else f"at try {misses + 1}"
    return Finding(f"answers {when}")


def answer(trail: Trail, seen: Snapshot) -> Finding:
    """How much the command said, and whether all of it."""
    reads = figures(trail).read_bytes
    size = f"{sum(reads):,} bytes in {len(reads):,} reads"
    cut = next((note for note in seen.notes if note.startswith(snapshot.CUT_SHORT)), None)
    return Finding(f"{cut} ({size})", is_doubtful=True) if cut else Finding(f"ran, {size}")


def code_page(seen: Snapshot) -> Finding:
    """In which the host prints."""
    page = snapshot.about(seen.raw).code_page
    return Finding(str(page)) if page else Finding("unknown: it is guessed", is_doubtful=True)


def powershell(seen: Snapshot) -> Finding:
    """Which one, and whether it answers."""
    about = snapshot.about(seen.raw)
    which = ", ".join(filter(None, (about.powershell, about.language_mode)))
    if seen.process_source == "powershell":
        return Finding(which or "answers")
    lacking = "no path, user, parent and command line of processes"
    return Finding(f"{which or 'none that answers'}: {lacking}", is_doubtful=True)


def clean_up(left_behind: tuple[str, ...]) -> Finding:
    """What is still there."""
    left = f"left behind: {', '.join(left_behind)}"
    return Finding(left if left_behind else "nothing of ours is left on the host")


def apart(ahead_by: timedelta, *, of: str = "") -> str:
    """How far, in words: `12 minutes ahead`, `40 seconds behind`."""
    return f"{_span(ahead_by)} {f'ahead{of}' if ahead_by > timedelta() else 'behind'}"


def _span(span: timedelta) -> str:
    """Its length in the largest unit that fits."""
    seconds = abs(span.total_seconds())
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
