"""Judging a capture, against tshark alone with the same arguments; no bed.

The capture is made here: mail sessions side by side, of 30 packets each. The two take turns, and
the least time of each counts. Memory is the peak of our own process, for a small and a large one.
"""

import os
import resource
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.rounds import python, verdict

from hostprobe.cli.judging import judged
from hostprobe.evidence.capture import arguments, program

_SESSIONS = 4_000
_ROUNDS = 5
_LIMIT, _MEMORY_LIMIT = 1.3, 2.0
_SYN, _ACK, _PUSH, _FIN = 2, 16, 24, 17
_RELAY: Final = (0x0A000002, 25)
_TURNS: Final = (
    *(b"220 relay ESMTP\r\n", b"EHLO exchsvr\r\n", b"250-relay\r\n250 PIPELINING\r\n"),
    *(b"MAIL FROM:<a@example.com>\r\n", b"250 ok\r\n", b"RCPT TO:<b@example.com>\r\n"),
    *(b"250 ok\r\n", b"DATA\r\n", b"354 go on\r\n"),
    *(b"x" * 1400 + b"\r\n.\r\n", b"250 queued\r\n", b"QUIT\r\n", b"221 bye\r\n"),
)


def main() -> None:
    """Print how many times as long it takes as tshark alone, and its memory."""
    with TemporaryDirectory() as folder:
        few, many = Path(folder, "few.pcap"), Path(folder, "many.pcap")
        _write(few, _SESSIONS // 10)
        packets = _write(many, _SESSIONS)
        _print_memory(few, many)
        _print_pace(many, packets)


def _print_memory(few: Path, many: Path) -> None:
    small_mb, large_mb = (_peak_mb(path) for path in (few, many))
    ratio = large_mb / small_mb
    kept = verdict(ratio, _MEMORY_LIMIT)
    print(f"memory {large_mb:.1f} MB / {small_mb:.1f} MB = {ratio:.2f} {kept}")


def _peak_mb(path: Path) -> float:
    done = subprocess.run(
        python("-m", "benchmarks.verdict", str(path)), stdout=subprocess.PIPE, check=True
    )
    return float(done.stdout)


def _print_pace(path: Path, packets: int) -> None:
    alone_s = ours_s = float("inf")
    for _ in range(_ROUNDS):
        alone_s = min(alone_s, _tshark_s(path))
        ours_s = min(ours_s, _ours_s(path))
    ratio = ours_s / alone_s
    print(f"{packets} packets: tshark {packets / alone_s:.0f} a second, with verdicts", end=" ")
    print(f"{packets / ours_s:.0f}: {ours_s:.2f} s / {alone_s:.2f} s = {ratio:.2f}", end=" ")
    print(verdict(ratio, _LIMIT))


def _tshark_s(path: Path) -> float:
    start = time.perf_counter()
    subprocess.run(
        [program(), *arguments(path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"WIRESHARK_CONFIG_DIR": str(path.parent)},
        check=True,
    )
    return time.perf_counter() - start


def _ours_s(path: Path) -> float:
    start = time.perf_counter()
    found = judged(path).verdicts
    took_s = time.perf_counter() - start
    if len(found) != _SESSIONS or any(one.verdict != "healthy" for one in found):
        message = f"{len(found)} conversations, not all of them healthy"
        raise SystemExit(message)
    return took_s


def _write(path: Path, sessions: int) -> int:
    """A capture of so many mail sessions; how many packets it has."""
    packets = 0
    with path.open("wb") as stream:
        stream.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))
        sides = [_session(number) for number in range(sessions)]
        at = 1_700_000_000_000_000
        for round_of_all in zip(*sides, strict=True):
            for packet in round_of_all:
                at += 10
                stream.write(struct.pack("<IIII", *divmod(at, 1_000_000), *(len(packet),) * 2))
                stream.write(packet)
                packets += 1
    return packets


def _session(number: int) -> Iterator[bytes]:
    """The packets of one session, each payload acknowledged on its own."""
    client = 0x0A010000 + number // 50_000, 10_000 + number % 50_000
    ends = [_RELAY, client]
    sent = {client: 1, _RELAY: 1}
    yield _packet(client, _RELAY, _SYN, 0, 0)
    yield _packet(_RELAY, client, _SYN | _ACK, 0, 1)
    yield _packet(client, _RELAY, _ACK, 1, 1)
    for turn, payload in enumerate(_TURNS):
        source, target = ends[turn % 2], ends[1 - turn % 2]
        yield _packet(source, target, _PUSH, sent[source], sent[target], payload)
        sent[source] += len(payload)
        yield _packet(target, source, _ACK, sent[target], sent[source])
    yield _packet(client, _RELAY, _FIN, sent[client], sent[_RELAY])


def _packet(
    source: tuple[int, int],
    target: tuple[int, int],
    flags: int,
    sequence: int,
    acknowledged: int,
    payload: bytes = b"",
) -> bytes:
    ports = source[1], target[1]
    tcp = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 80, flags, 64000, 0, 0)
    length = 40 + len(payload)
    ends = source[0], target[0]
    return struct.pack(">BBHHHBBHII", 69, 0, length, 1, 0, 64, 6, 0, *ends) + tcp + payload


if __name__ == "__main__":
    if len(sys.argv) > 1:
        judged(Path(sys.argv[1]))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
    else:
        main()
