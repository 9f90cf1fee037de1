"""A conversation between a client and a server: both sides, and what was said."""

from dataclasses import dataclass, field
from typing import Final, Literal

from hostprobe.analysis.verdict._dns import Dns
from hostprobe.analysis.verdict._http import Http
from hostprobe.analysis.verdict._side import ACK, RST, SYN, Mark, Side
from hostprobe.analysis.verdict._smb2 import Smb2
from hostprobe.analysis.verdict._smtp import Smtp
from hostprobe.analysis.verdict._talk import Talk
from hostprobe.analysis.verdict._tls import Tls
from hostprobe.evidence.capture import Frame, Icmp, Segment

Address = tuple[str, int]

MAIL_PORTS: Final = frozenset({25, 587, 2525})
_SERVICES: Final = MAIL_PORTS | {22, 53, 80, 88, 135, 139, 389, 443, 445, 465, 636, 3389, 8080}
_MOST_ICMP: Final = 20
_TALKS: Final[dict[str, type[Talk]]] = {"smtp": Smtp, "http": Http, "smb2": Smb2, "dns": Dns}


@dataclass(slots=True)
class Conversation:
    """All that is remembered of one conversation; as much for a long one as for a short one.

    Attributes:
        client: Who began it, as far as that can be told.
        server: The other end.
        asker: What the client did.
        giver: What the server did.
        first: Its first frame.
        last: Its latest.
        cut_frames: How many were captured in part.
        mail: Whether a server is expected to greet.
        stands: Where the handshake was complete; None where it was not seen.
        rtt_s: How long the way there and back takes, by the handshake.
        talk: What was asked and answered; None where nothing of it can be read.
        tls: What was seen of TLS.
        read_sealed: What TLS carries could be read, since the capture has the keys.
        errors: ICMP errors about it, with their frames.
    """

    client: Address
    server: Address
    first: Mark
    last: Mark
    mail: bool = False
    asker: Side = field(default_factory=Side)
    giver: Side = field(default_factory=Side)
    is_tcp: bool = True
    cut_frames: int = 0
    length: int = 0
    stands: Mark | None = None
    rtt_s: float = 0.0
    talk: Talk | None = None
    tls: Tls = field(default_factory=Tls)
    read_sealed: bool = False
    errors: list[tuple[Mark, Icmp]] = field(default_factory=list)

    def add(self, frame: Frame) -> None:
        """Take one more frame of it."""
        idle_s, self.last = frame.at - self.last.at, Mark(frame.number, frame.at)
        here = self.last
        if frame.icmp:
            if len(self.errors) < _MOST_ICMP:
                self.errors.append((here, frame.icmp))
            return
        self.length += frame.length
        self.cut_frames += frame.captured < frame.length
        from_client = frame.source == self.client or (
            not self.is_tcp and frame.destination[1] == self.server[1]
        )
        if frame.segment:
            self._segment(frame, frame.segment, idle_s, from_client=from_client)
        else:
            self._datagram(here, self.asker if from_client else self.giver)
        if frame.fields or (isinstance(self.talk, Smtp) and from_client):
            self._said(frame, from_client=from_client)

    @property
    def is_opaque(self) -> bool:
        """Whether what it says is encrypted."""
        is_sealed = self.tls.records > 0 or (self.talk is not None and self.talk.is_sealed)
        return is_sealed and not self.read_sealed

    @property
    def hole(self) -> Mark | None:
        """Where the capture shows that frames are missing from it."""
        return self.asker.unseen or self.giver.missing or self.giver.unseen

    @property
    def closer(self) -> tuple[Literal["client", "server"], Mark] | None:
        """Who closed or reset it first, and where; None where nobody did."""
        ends: tuple[tuple[Literal["client", "server"], Mark | None], ...] = (
            *(("client", self.asker.fin), ("client", self.asker.reset)),
            *(("server", self.giver.fin), ("server", self.giver.reset)),
        )
        seen = [(who, end) for who, end in ends if end]
        return min(seen, key=lambda one: one[1].frame, default=None)

    @property
    def protocol(self) -> str:
        """What is spoken, as far as it is known."""
        if self.talk:
            return self.talk.name
        if self.tls.records:
            return "TLS"
        return "TCP" if self.is_tcp else "UDP"

    def _datagram(self, here: Mark, side: Side) -> None:
        side.frames += 1
        side.first, side.last = side.first or here, here

    def _segment(self, frame: Frame, segment: Segment, idle_s: float, *, from_client: bool) -> None:
        side, other = (self.asker, self.giver) if from_client else (self.giver, self.asker)
        before = side.acknowledged
        if segment.resent:
            side.unanswered(segment, frame, other.acknowledged)
        side.add(frame, segment, self.last, idle_s)
        if side.acknowledged > before:
            other.moved(side.acknowledged)
            if self.talk and not from_client:
                self.talk.taken(side.acknowledged, self.last)
        if self.talk and not from_client and segment.payload_bytes:
            self.talk.heard(self.last)
        if from_client and self.stands is None and segment.flags & (SYN | RST | ACK) == ACK:
            self._stand(frame, self.last)

    def _stand(self, frame: Frame, here: Mark) -> None:
        """The first acknowledgement of a client ends the handshake, where there was one."""
        if self.giver.syn is None:
            return
        self.stands = here
        if self.asker.syn and self.asker.syns == 1:
            self.rtt_s = here.at - self.asker.syn.at
        if self.mail and self.talk is None:
            self.talk = greeted = Smtp()
            greeted.begin(frame)

    def _said(self, frame: Frame, *, from_client: bool) -> None:
        is_sealing = "tls.record.content_type" in frame.fields
        spoken = _spoken(frame)
        if self.tls.records and spoken:
            self.read_sealed = True
        if is_sealing:
            self.tls.take(frame, from_client=from_client)
            self._count_before()
            if isinstance(self.talk, Smtp) and not spoken:
                self.talk.pending.clear()
        if spoken and (self.talk is None or (not self.talk.answered and spoken is not Smtp)):
            self.talk = self.talk if isinstance(self.talk, spoken) else spoken()
        if self.talk:
            self.talk.take(frame, from_client=from_client)
            if from_client and frame.segment and self._is_late(frame.segment):
                self.talk.forget(frame.number)

    def _count_before(self) -> None:
        """Note how much either side had sent before it could speak encrypted."""
        if self.tls.server_hello and self.tls.client_before is None:
            self.tls.client_before = self.asker.payload_bytes
        if self.tls.client_data and self.tls.server_before is None:
            self.tls.server_before = self.giver.payload_bytes

    def _is_late(self, segment: Segment) -> bool:
        """Whether the capture has what the server said to it before the segment itself."""
        return 0 < segment.next_sequence <= self.giver.spoke_upto


def begun(frame: Frame, mail_ports: frozenset[int] = MAIL_PORTS) -> Conversation:
    """A conversation that begins with this frame, which is not yet in it."""
    client, server = _ends(frame)
    here = Mark(frame.number, frame.at)
    is_tcp = frame.stream.startswith("t")
    return Conversation(client, server, here, here, server[1] in mail_ports, is_tcp=is_tcp)


def _ends(frame: Frame) -> tuple[Address, Address]:
    """Client and server: by the SYN, else by the port, of which a server's is known or lower."""
    ends = frame.source, frame.destination
    flags = frame.segment.flags if frame.segment else 0
    if flags & SYN:
        return ends[::-1] if flags & ACK else ends
    source, destination = (end[1] for end in ends)
    is_known = (source in _SERVICES) - (destination in _SERVICES)
    is_server = is_known > 0 or (not is_known and source < destination)
    return ends[::-1] if is_server else ends


def _spoken(frame: Frame) -> type[Talk] | None:
    for name in frame.fields:
        if talk := _TALKS.get(name.partition(".")[0]):
            return talk
    return None
