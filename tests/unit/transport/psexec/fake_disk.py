"""A wire to a host whose drive C: is a dictionary: answers as a server packs them.

Source: [MS-SMB2] 2.2.14, 2.2.20, 2.2.34; the requests are decoded with code of our own.
"""

import math
import socket
import struct
from collections.abc import Callable, Iterator, Sequence

from hostprobe.transport.psexec.deadline import Deadline
from hostprobe.transport.psexec.errors import StatusError
from hostprobe.transport.psexec.link import Link
from hostprobe.transport.psexec.messages import (
    CLOSE,
    CREATE,
    QUERY_DIRECTORY,
    READ,
    RELATED,
    Request,
    Response,
)
from hostprobe.transport.psexec.wire import Wire

END_OF_FILE, NO_MORE_FILES, NOT_FOUND = 0xC0000011, 0x80000006, 0xC0000034
NO_FOLDER, NO_SHARE = 0xC0000103, 0xC00000CC

Content = bytes | int | Sequence[bytes]
"""A file, a status to open it with, or the answers that list a folder."""


class FakeDisk(Wire):
    """What is asked.

    Args:
        content: By path below the drive.
        read: What a READ gives, from the file's content, its offset and its length.
        shares: Statuses of shares that cannot be opened.
    """

    def __init__(
        self,
        content: dict[str, Content],
        *,
        read: Callable[[bytes, int, int], bytes] | None = None,
        overlapped: bool = True,
        shares: dict[str, int] | None = None,
    ) -> None:
        with socket.socket() as unused:
            self.link = Link(unused, Deadline(math.inf), 0)
        self.overlapped = overlapped
        self.opened: list[str] = []
        self.closed = 0
        self.most_under_way = 0
        self._content = content
        self._read = read or (lambda data, at, length: data[at : at + length])
        self._shares = shares or {}
        self._handles: dict[bytes, Content] = {}
        self._listings: dict[bytes, Iterator[bytes]] = {}
        self._waiting: dict[int, Response] = {}
        self._next = 0

    def trees(self, *paths: str) -> list[int]:
        """As Wire.trees."""
        (path,) = paths
        if status := self._shares.get(path.rpartition("\\")[2], 0):
            raise StatusError(status)
        self.opened.append(path)
        return [7]

    def post(self, tree_id: int, *chain: Request) -> list[int]:
        """As Wire.post."""
        first, *others = chain
        tickets = [self.begin(tree_id, first)]
        answer = self._waiting[tickets[0]]
        for request in others:
            if answer.status:
                self._waiting[self._next] = Response(answer.status, tree_id, bytes(64))
                tickets.append(self._next)
                self._next += 1
            else:
                assert request.file_id_at is not None
                assert request.body[request.file_id_at :][:16] == RELATED
                tickets.append(self.begin(tree_id, request.of(answer.file_id())))
        return tickets

    def begin(self, tree_id: int, request: Request) -> int:
        """As Wire.begin."""
        assert tree_id == 7
        ticket, self._next = self._next, self._next + 1
        status, body = self._answered(request)
        if request.command == CLOSE:
            self.closed += 1
        else:
            self._waiting[ticket] = Response(status, tree_id, bytes(64) + body)
        self.most_under_way = max(self.most_under_way, len(self._waiting))
        return ticket

    def answer(self, ticket: int, *allowed: int) -> Response:
        """As Wire.answer."""
        found = self._waiting.pop(ticket)
        if found.status and found.status not in allowed:
            raise StatusError(found.status)
        return found

    def _answered(self, request: Request) -> tuple[int, bytes]:
        if request.command == CREATE:
            return self._create(request.body)
        assert request.file_id_at is not None
        handle = request.body[request.file_id_at :][:16]
        if request.command == QUERY_DIRECTORY:
            listing = next(self._listings[handle], None)
            if listing is None:
                return NO_MORE_FILES, b""
            return 0, struct.pack("<HHI", 9, 72, len(listing)) + listing
        if request.command == READ:
            return self._piece(handle, request.body)
        del self._handles[handle]
        return 0, bytes(60)

    def _create(self, body: bytes) -> tuple[int, bytes]:
        length = int.from_bytes(body[46:48], "little")
        access, sharing, disposition = struct.unpack("<I4xII", body[24:40])
        assert access & 0x00050156 == 0, "nothing is to be written or deleted"
        assert (sharing, disposition) == (7, 1), "others may go on, and nothing is made"
        found = self._content.get(body[56 : 56 + length].decode("utf-16-le"), NOT_FOUND)
        if isinstance(found, int):
            return found, b""
        is_folder = bool(int.from_bytes(body[40:44], "little") & 1)
        if is_folder == isinstance(found, bytes):
            return NO_FOLDER, b""
        handle = self._next.to_bytes(16, "big")
        self._handles[handle] = found
        size = len(found) if isinstance(found, bytes) else 0
        if not isinstance(found, bytes):
            self._listings[handle] = iter(found)
        return 0, struct.pack("<HBBI32xQQII16sII", 89, 0, 0, 1, 0, size, 0x20, 0, handle, 0, 0)

    def _piece(self, handle: bytes, body: bytes) -> tuple[int, bytes]:
        content = self._handles[handle]
        assert isinstance(content, bytes)
        length, offset = struct.unpack("<IQ", body[4:16])
        piece = self._read(content, offset, length)
        if not piece:
            return END_OF_FILE, b""
        return 0, struct.pack("<HBBIII", 17, 80, 0, len(piece), 0, 0) + piece
