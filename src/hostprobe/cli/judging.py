"""A capture to verdicts: read, gathered and judged."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from hostprobe.analysis.verdict import MAIL_PORTS, MOST, Gathering, Scene, Verdict, judge_all
from hostprobe.evidence.capture import Frame, Limits, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The verdicts on one capture.

    Attributes:
        path: As the user gave it.
        frames: How many the capture has.
        duration_s: From its first frame to its last.
        verdicts: On each conversation, in the order in which they began.
        notes: What a person should know of the reading.
        logs: What was joined of each mail log, and by which clocks; or why nothing was.
    """

    path: Path
    frames: int
    duration_s: float
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...]
    logs: tuple[str, ...] = ()


def judged(
    path: Path,
    *,
    peer: str | None = None,
    port: int | None = None,
    smtp_ports: Iterable[int] = (),
    smb_ports: Iterable[int] = (),
    limits: Limits | None = None,
) -> Judged:
    """Read a capture and judge its conversations.

    Args:
        path: Of the file.
        peer: Only conversations with this address.
        port: Only those with this port.
        smtp_ports: Further ports on which mail is spoken.
        smb_ports: Further ports on which SMB is.
        limits: What reading it may cost.

    Raises:
        UsageError: tshark is missing.
        InputFileError: The file is no capture, or it costs too much.
    """
    ports = frozenset(smtp_ports)
    reading = Reading(path, limits, ports, smb_ports)
    gathering = Gathering(_wanted(peer, port), MAIL_PORTS | ports)
    for frame in reading:
        gathering.add(frame)
    first_at, last_at = reading.first_at or 0.0, reading.last_at or 0.0
    scene = Scene(ends_at=last_at, is_cut=bool(reading.cut))
    return Judged(
        path=path,
        frames=reading.frames,
        duration_s=last_at - first_at,
        verdicts=judge_all(gathering.conversations, scene),
        notes=tuple(_notes(reading, gathering)),
    )


def _wanted(peer: str | None, port: int | None) -> Callable[[Frame], bool]:
    def wants(frame: Frame) -> bool:
        ends = frame.source, frame.destination
        is_peer = peer is None or any(address == peer for address, _ in ends)
        return is_peer and (port is None or any(own == port for _, own in ends))

    return wants


def _notes(reading: Reading, gathering: Gathering) -> Iterable[str]:
    if reading.cut:
        yield f"read up to frame {reading.frames}: {reading.cut}"
    if gathering.left_out:
        yield (
            f"more than {MOST:,} conversations: {gathering.left_out:,} frames of the later ones"
            " were left out; --peer and --port choose"
        )
    if reading.unread:
        yield f"{reading.unread} frames could not be read from tshark"
