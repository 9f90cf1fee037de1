"""Conversations made by hand: frames as the reader gives them, judged."""

from dataclasses import dataclass, field

from hostprobe.analysis.verdict import MAIL_PORTS, Gathering, Scene, Verdict, judge_all
from hostprobe.evidence.capture import Frame, Icmp, Segment

FIN, SYN, RST, ACK = 1, 2, 4, 16
CLIENT = ("192.0.2.1", 40000)
_START = 1_700_000_000.0


@dataclass(slots=True)
class Dialogue:
    """Writes down what client and server do; each step says when, in seconds from the start."""

    port: int = 25
    server_hops: int = 64
    udp: bool = False
    frames: list[Frame] = field(default_factory=list)
    _sent: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def opened(self) -> "Dialogue":
        """A handshake in the first two milliseconds."""
        self.client(0.0, flags=SYN)
        self.server(0.001, flags=SYN | ACK)
        return self.client(0.002)

    def client(self, at: float, **how: object) -> "Dialogue":
        """A frame of the client."""
        return self._add(at, how, from_client=True)

    def server(self, at: float, **how: object) -> "Dialogue":
        """A frame of the server."""
        return self._add(at, how, from_client=False)

    def asked(self, at: float, length: int = 10, /, **fields: str) -> "Dialogue":
        """A request of the client, which the server's TCP takes a millisecond later."""
        self.client(at, length=length, fields=fields)
        return self.server(at + 0.001)

    def said(self, at: float, length: int = 10, /, **fields: str) -> "Dialogue":
        """Something the server says, which the client's TCP takes a millisecond later."""
        self.server(at, length=length, fields=fields)
        return self.client(at + 0.001)

    def error(self, at: float, kind: int, code: int, mtu: int | None = None) -> "Dialogue":
        """An ICMP error about what the client sent."""
        icmp = Icmp("192.0.2.254", kind, code, (kind, code) == (3, 4), kind == 3 and code != 4, mtu)
        made = self.frames[0]._replace(
            number=len(self.frames) + 1, at=_START + at, segment=None, icmp=icmp, fields={}
        )
        self.frames.append(made)
        return self

    def verdicts(
        self,
        ends_at: float | None = None,
        *,
        is_cut: bool = False,
        mail: frozenset[int] = MAIL_PORTS,
    ) -> tuple[Verdict, ...]:
        """What is made of it; the capture ends with the last frame unless it is said otherwise."""
        gathering = Gathering(mail_ports=mail)
        for frame in self.frames:
            gathering.add(frame)
        end = self.frames[-1].at if ends_at is None else _START + ends_at
        return judge_all(gathering.conversations, Scene(end, is_cut))

    def verdict(self, ends_at: float | None = None, *, is_cut: bool = False) -> Verdict:
        """The only one."""
        (found,) = self.verdicts(ends_at, is_cut=is_cut)
        return found

    def _add(self, at: float, how: dict[str, object], *, from_client: bool) -> "Dialogue":
        ends = CLIENT, ("192.0.2.25", self.port)
        source, destination = ends if from_client else ends[::-1]
        told = how.get("fields", {})
        assert isinstance(told, dict)
        length = _number(how, "length", 0)
        self.frames.append(
            Frame(
                number=len(self.frames) + 1,
                at=_START + at,
                length=length + 54,
                captured=_number(how, "captured", length + 54),
                stream="u0" if self.udp else "t0",
                source=source,
                destination=destination,
                hops=_number(how, "hops", 60 if from_client else self.server_hops),
                ip_id=str(how.get("ip_id", f"0x{len(self.frames):04x}")),
                segment=None if self.udp else self._segment(length, how, from_client=from_client),
                icmp=None,
                fields={_name(name): tuple(str(text).split("|")) for name, text in told.items()},
            )
        )
        return self

    def _segment(self, length: int, how: dict[str, object], *, from_client: bool) -> Segment:
        flags = _number(how, "flags", ACK)
        resent = bool(how.get("resent"))
        sequence = self._sent[from_client] - (length if resent else 0)
        sequence = _number(how, "sequence", sequence)
        following = sequence + length + bool(flags & (SYN | FIN))
        self._sent[from_client] = max(self._sent[from_client], following)
        taken = _number(how, "taken", self._sent[not from_client])
        return Segment(
            flags=flags,
            sequence=sequence,
            next_sequence=following,
            acknowledged=taken if flags & ACK else 0,
            payload_bytes=length,
            window_bytes=_number(how, "window", 64000),
            resent=resent,
            spurious=bool(how.get("spurious")),
            zero_window=how.get("window") == 0,
            lost_before=bool(how.get("lost_before")),
            acked_unseen=bool(how.get("acked_unseen")),
            keep_alive=False,
        )


def _number(how: dict[str, object], name: str, default: int) -> int:
    value = how.get(name, default)
    assert isinstance(value, int)
    return value


def _name(argument: str) -> str:
    """`smtp_response__code` for the field `smtp.response.code`."""
    return argument.replace("__", ".")
