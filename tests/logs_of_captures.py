"""Protocol logs of the sessions in captures, as Exchange would have written them beside."""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hostprobe.evidence.capture import Frame, Reading

_FIN, _SYN, _RST, _ACK = 1, 2, 4, 16


def log_of(
    path: Path,
    *,
    ahead_s: float = 0.0,
    local: str | None = None,
    peer: str | None = None,
    session: str = "08DE000000000001",
) -> str:
    """The send log of the client of a capture's only conversation.

    Args:
        path: Of the capture.
        ahead_s: How far the log's clock is ahead.
        local: The client's end as printed; None for its address and port.
        peer: The server's end, as `local`.
        session: Its ID.
    """
    frames = list(Reading(path))
    client, server = frames[0].source, frames[0].destination
    ends = local or "{}:{}".format(*client), peer or "{}:{}".format(*server)
    lines = _lines(frames, client)
    return "".join(
        f"{_when(at + ahead_s)},To the relay,{session},{number},{ends[0] if is_made else ''},"
        f"{ends[1]},{said}\r\n"
        for number, (at, said, is_made) in enumerate(lines)
    )


def _lines(frames: list[Frame], client: tuple[str, int]) -> Iterator[tuple[float, str, bool]]:
    """The time of each line, what follows the ends, and whether there is a connection."""
    yield frames[0].at, "*,,attempting to connect", False
    is_made = False
    for frame in frames:
        flags = frame.segment.flags if frame.segment else 0
        if flags & (_SYN | _ACK) == _SYN | _ACK:
            is_made = True
            yield frame.at, "+,,", True
        yield from ((frame.at, text, True) for text in _said(frame, client))
        if flags & (_FIN | _RST):
            who = "Local" if frame.source == client else "Remote"
            refused = "*,,Failed to connect. Winsock error code: 10061"
            yield frame.at, f"-,,{who}" if is_made else refused, is_made
            return


def _said(frame: Frame, client: tuple[str, int]) -> Iterator[str]:
    if frame.source != client:
        yield from (f'<,"{_clean(text)}",' for text in frame.fields.get("smtp.response", ()))
        return
    for text in map(_clean, frame.fields.get("smtp.command_line", ())):
        if text.partition(" ")[0] in _VERBS:
            yield f'>,"{text}",'


_VERBS = {"EHLO", "HELO", "MAIL", "RCPT", "DATA", "QUIT"}


def _clean(text: str) -> str:
    return text.replace("\\r\\n", "").replace('"', '""').strip()


def _when(at: float) -> str:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=at)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def moved(path: Path, to: Path, *, client_port: int, server_port: int, begins: datetime) -> Path:
    """The same loopback capture with other ports, at another time."""
    data = bytearray(path.read_bytes())
    old = struct.unpack_from(">HH", data, 24 + 16 + 14 + 20)
    new = client_port, server_port
    shift = int(begins.timestamp()) - struct.unpack_from("<I", data, 24)[0]
    place = 24
    while place < len(data):
        seconds, _, length, _ = struct.unpack_from("<IIII", data, place)
        struct.pack_into("<I", data, place, seconds + shift)
        ports = place + 16 + 14 + 20
        ends = struct.unpack_from(">HH", data, ports)
        struct.pack_into(">HH", data, ports, *(new if ends == old else new[::-1]))
        place += 16 + length
    to.write_bytes(data)
    return to
