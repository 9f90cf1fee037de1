"""One side of a TCP conversation: what it sent, sent again, took, and how it left."""

from dataclasses import dataclass, field
from typing import Final

from hostprobe.evidence.capture import Frame, Segment

FIN, SYN, RST, ACK = 1, 2, 4, 16
_DOUBLES: Final = 0.001
_WAITED: Final = 0.2  # what is sent again sooner was not waited for
_TRY: Final = 0.1  # no TCP gives up waiting sooner: it is the capture that has the frame again
_LARGE: Final = 1000
_MOST_HOPS: Final = 8


@dataclass(slots=True)
class Mark:
    """Something that happened in a frame."""

    frame: int
    at: float


@dataclass(slots=True)
class Side:
    """What one side did, so far. Numbers of bytes are those of TCP's sequence.

    Attributes:
        frames: It sent.
        sent: The byte after the last that it sent.
        acknowledged: The byte up to which it has taken the other side's.
        payload_bytes: Without what was sent again.
        largest: Payload of its largest segment.
        resent: Frames that were sent again, and `resent_bytes` of payload in them.
        doubles: Frames of them that the capture itself has twice.
        stalled_s: How long nobody spoke until it sent again what was lost; `stall` ended the
            longest such time.
        spurious: Where it last sent again what the other side had taken already.
        spoke_upto: The byte of the other side up to which it had taken when it last said something.
        spoke_after_s: For so long nobody had said anything when it last said something.
        stuck: How often it has sent the same bytes again without any answer to them.
        large_taken: A segment of 1,000 bytes or more, sent once, was taken by the other side.
        closed_s: How long it took nothing: its window was closed.
        talks: Where it first went beyond calling.
        unseen: It acknowledges bytes that the capture does not have.
        missing: Bytes of it came late, or never.
        hops: With which counts its frames came, resets apart; `reset_hops` that of its first reset.
    """

    frames: int = 0
    first: Mark | None = None
    last: Mark | None = None
    last_payload: Mark | None = None
    sent: int = 0
    acknowledged: int = 0
    spoke_upto: int = 0
    spoke_after_s: float = 0.0
    payload_bytes: int = 0
    largest: int = 0
    resent: int = 0
    resent_bytes: int = 0
    doubles: int = 0
    stalled_s: float = 0.0
    longest_stall_s: float = 0.0
    stall: Mark | None = None
    spurious: Mark | None = None
    stuck: int = 0
    stuck_bytes: int = 0
    stuck_since: Mark | None = None
    stuck_last: Mark | None = None
    large_taken: bool = False
    zero_windows: int = 0
    closed_s: float = 0.0
    closed_since: Mark | None = None
    closed_first: Mark | None = None
    unseen: Mark | None = None
    missing: Mark | None = None
    syn: Mark | None = None
    syns: int = 0
    fin: Mark | None = None
    reset: Mark | None = None
    resets: int = 0
    talks: Mark | None = None
    hops: set[int] = field(default_factory=set)
    reset_hops: int = 0
    _large_end: int = 0
    _tried_at: float = 0.0
    _before: tuple[str, int, int, float] = field(default=("", -1, -1, 0.0))

    def add(self, frame: Frame, segment: Segment, here: Mark, idle_s: float) -> None:
        """Take one more segment that this side sent.

        Args:
            frame: That holds it.
            segment: What it is.
            here: The frame's place and time.
            idle_s: For so long nobody had said anything before.
        """
        self.frames += 1
        self.first = self.first or here
        self.last = here
        self._end(frame, segment, here)
        if segment.resent:
            self._again(frame, segment, here, idle_s)
        if segment.payload_bytes and not segment.keep_alive:
            self._payload(segment, here, idle_s)
        if segment.flags & ACK and segment.acknowledged > self.acknowledged:
            self.acknowledged = segment.acknowledged
        self._window(segment, here)
        self._holes(segment, here)
        self._before = (frame.ip_id, segment.sequence, segment.payload_bytes, frame.at)

    def _holes(self, segment: Segment, here: Mark) -> None:
        """What the capture does not have."""
        if segment.acked_unseen:
            self.unseen = self.unseen or here
        if segment.lost_before:
            self.missing = self.missing or here
        elif segment.payload_bytes and segment.sequence < self.sent:
            self.missing = None  # it came late
        self.sent = max(self.sent, segment.next_sequence)

    def _end(self, frame: Frame, segment: Segment, here: Mark) -> None:
        if not segment.flags & RST and len(self.hops) < _MOST_HOPS:
            self.hops.add(frame.hops)
        if segment.flags & SYN and not self._is_double(frame, segment):
            self.syn = self.syn or here
            self.syns += 1
        if not segment.flags & (SYN | RST):
            self.talks = self.talks or here
        if segment.flags & FIN:
            self.fin = self.fin or here
        if segment.flags & RST:
            self.resets += 1
            self.reset, self.reset_hops = self.reset or here, self.reset_hops or frame.hops

    def _payload(self, segment: Segment, here: Mark, idle_s: float) -> None:
        self.largest = max(self.largest, segment.payload_bytes)
        if segment.next_sequence > self.sent:
            self.payload_bytes += min(segment.payload_bytes, segment.next_sequence - self.sent)
            self.last_payload, self._tried_at = here, here.at
            self.spoke_after_s = idle_s
            self.spoke_upto = max(self.spoke_upto, segment.acknowledged)
        if segment.resent:
            self._large_end = 0
        elif segment.payload_bytes >= _LARGE and not self._large_end:
            self._large_end = segment.next_sequence

    def _again(self, frame: Frame, segment: Segment, here: Mark, idle_s: float) -> None:
        self.resent += 1
        self.resent_bytes += segment.payload_bytes
        if self._is_double(frame, segment):
            self.doubles += 1
            return
        if segment.spurious:
            self.spurious = here
        elif idle_s >= _WAITED and segment.payload_bytes:
            self.stalled_s += idle_s
            if idle_s > self.longest_stall_s:
                self.longest_stall_s, self.stall = idle_s, here

    def _is_double(self, frame: Frame, segment: Segment) -> bool:
        """Whether the capture has the frame before it twice."""
        *same, at = self._before
        now = [frame.ip_id, segment.sequence, segment.payload_bytes]
        return same == now and frame.at - at < _DOUBLES

    def unanswered(self, segment: Segment, frame: Frame, taken: int) -> None:
        """Learn that this segment was sent again although the other side has taken no more."""
        is_tried = frame.at - self._tried_at >= _TRY
        if segment.sequence == taken and segment.payload_bytes and is_tried:
            here = Mark(frame.number, frame.at)
            self._tried_at = here.at
            self.stuck += 1
            self.stuck_bytes = segment.payload_bytes
            self.stuck_since, self.stuck_last = self.stuck_since or here, here

    def leaves_before(self, here: Mark) -> bool:
        """Whether it has closed or reset the connection before that."""
        return any(end is not None and end.frame < here.frame for end in (self.fin, self.reset))

    def is_alive_after(self, here: Mark) -> bool:
        """Whether it says something new after that, as if nothing had been."""
        return self.last_payload is not None and self.last_payload.frame > here.frame

    def is_heard_since(self, other: "Side") -> bool:
        """Whether the other side has said something since this one has been stuck."""
        since = self.stuck_since
        return since is not None and other.last is not None and other.last.at > since.at

    def moved(self, upto: int) -> None:
        """Learn that the other side has taken more, up to this byte."""
        if 0 < self._large_end <= upto:
            self.large_taken = True
        self.stuck, self.stuck_since, self.stuck_last = 0, None, None

    def _window(self, segment: Segment, here: Mark) -> None:
        if segment.zero_window:
            self.zero_windows += 1
            self.closed_first = self.closed_first or here
            self.closed_since = self.closed_since or here
        elif self.closed_since and (segment.window_bytes or segment.flags & (RST | FIN)):
            self.closed_s += here.at - self.closed_since.at
            self.closed_since = None
