"""Captures made by hand: the bytes of a pcap file, from addresses, flags and payloads."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT, SERVER = "192.0.2.1", "192.0.2.25"
_RAW_IP = 101
_START = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Packet:
    """A TCP packet over IPv4; `keep` cuts it as a snapshot length does."""

    at: float
    source: tuple[str, int]
    destination: tuple[str, int]
    flags: int
    sequence: int
    acknowledged: int = 0
    payload: bytes = b""
    window: int = 64000
    keep: int | None = None


def pcap(packets: Iterable[Packet]) -> bytes:
    """A whole file, of raw IP."""
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, _RAW_IP)
    return head + b"".join(_record(packet) for packet in packets)


def write(path: Path, packets: Iterable[Packet]) -> Path:
    """The file of these packets."""
    path.write_bytes(pcap(packets))
    return path


def conversation(*turns: bytes, port: int = 25) -> list[Packet]:
    """A handshake, then payloads in turn, the server's first; a tenth of a second apart."""
    client, server = (CLIENT, 40000), (SERVER, port)
    made = [
        Packet(0.0, client, server, SYN, 100),
        Packet(0.001, server, client, SYN | ACK, 500, 101),
        Packet(0.002, client, server, ACK, 101, 501),
    ]
    ends = [(server, client), (client, server)]
    at = {server: 501, client: 101}
    for number, payload in enumerate(turns):
        source, destination = ends[number % 2]
        packet = Packet(
            0.1 * (number + 1), source, destination, PSH | ACK, at[source], at[destination], payload
        )
        at[source] += len(payload)
        made.append(packet)
    return made


def _record(packet: Packet) -> bytes:
    data = _ip(packet)
    kept = data[: packet.keep]
    seconds, fraction = divmod(packet.at, 1)
    return (
        struct.pack("<IIII", _START + int(seconds), int(fraction * 1e6), len(kept), len(data))
        + kept
    )


def _ip(packet: Packet) -> bytes:
    ports = packet.source[1], packet.destination[1]
    tcp = struct.pack(
        ">HHIIBBHHH",
        *(*ports, packet.sequence, packet.acknowledged, 5 << 4, packet.flags, packet.window, 0, 0),
    )
    body = tcp + packet.payload
    ends = IPv4Address(packet.source[0]).packed + IPv4Address(packet.destination[0]).packed
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, 6, 0) + ends + body
