"""The SMB 2 messages that a run needs, packed and read without a structure library.

Source: [MS-SMB2] 2.2; each function names its paragraph.
"""

import struct
from dataclasses import dataclass
from typing import Final

HEADER_BYTES: Final = 64
RELATED: Final = b"\xff" * 16  # [MS-SMB2] 3.2.4.1.4: the file that the chain's first message opens

TREE_CONNECT, CREATE, CLOSE, READ, WRITE, IOCTL, QUERY_DIRECTORY = 3, 5, 6, 8, 9, 11, 14

FSCTL_PIPE_TRANSCEIVE: Final = 0x0011C017

PIPE_BOTH: Final = 0xC0120004  # GENERIC_READ, GENERIC_WRITE, SYNCHRONIZE, READ_CONTROL, append
PIPE_READ: Final = 0x00120089  # read data, attributes, extended attributes
PIPE_WRITE: Final = 0x00120196  # write and append data, attributes, extended attributes
GENERIC_BOTH: Final = 0xC0000000  # GENERIC_READ, GENERIC_WRITE
FILE_READ: Final = 0x00100081  # FILE_READ_DATA, FILE_READ_ATTRIBUTES, SYNCHRONIZE
FILE_WRITE: Final = 0x00000002
FILE_DELETE: Final = 0x00110000  # DELETE, SYNCHRONIZE
FOLDER_LIST: Final = 0x00100001  # FILE_LIST_DIRECTORY, SYNCHRONIZE

OPEN_EXISTING, CREATE_NEW = 1, 2
A_FOLDER, NOT_A_FOLDER, DELETE_ON_CLOSE = 0x1, 0x40, 0x1000
SHARE_READ, SHARE_ALL = 1, 7


@dataclass(frozen=True, slots=True)
class Request:
    """One message, without its header.

    Attributes:
        body: Packed; the 16 bytes at `file_id_at` may be RELATED.
        file_id_at: Where the file's id stands in `body`; None where it has none.
        payload_bytes: The larger of what is sent and what may come back: what credits pay for.
    """

    command: int
    body: bytes
    file_id_at: int | None = None
    payload_bytes: int = 0

    def of(self, file_id: bytes) -> "Request":
        """The same message for another open file."""
        if self.file_id_at is None:
            return self
        at = self.file_id_at
        body = self.body[:at] + file_id + self.body[at + 16 :]
        return Request(self.command, body, at, self.payload_bytes)


def tree_connect(path: str) -> Request:
    r"""2.2.9; `path` is `\\host\share`."""
    name = path.encode("utf-16-le")
    return Request(TREE_CONNECT, struct.pack("<HHHH", 9, 0, HEADER_BYTES + 8, len(name)) + name)


def create(
    name: str, access: int, *, disposition: int = OPEN_EXISTING, share: int = 0, options: int = 0
) -> Request:
    """2.2.13; impersonation level 2, as PAExec runs the command as the account that logged in."""
    path = name.encode("utf-16-le")
    kind = 0 if options & A_FOLDER else NOT_A_FOLDER
    body = struct.pack(
        "<HBBIQQIIIIIHHII",
        *(57, 0, 0, 2, 0, 0),
        *(access, 0x80, share, disposition, options | kind),
        *(HEADER_BYTES + 56, len(path), 0, 0),
    )
    return Request(CREATE, body + (path or b"\0"))  # at least one byte


def close(file_id: bytes = RELATED) -> Request:
    """2.2.15."""
    return Request(CLOSE, struct.pack("<HHI16s", 24, 0, 0, file_id), 8)


def read(length: int, file_id: bytes = RELATED, offset: int = 0) -> Request:
    """2.2.19; a pipe has no other offset than 0."""
    body = struct.pack("<HBBIQ16sIIIHHB", 49, 0x50, 0, length, offset, file_id, 0, 0, 0, 0, 0, 0)
    return Request(READ, body, 16, length)


def write(data: bytes, offset: int = 0, file_id: bytes = RELATED) -> Request:
    """2.2.21."""
    at = HEADER_BYTES + 48
    head = struct.pack("<HHIQ16sIIHHI", 49, at, len(data), offset, file_id, 0, 0, 0, 0, 0)
    return Request(WRITE, head + data, 16, len(data))


def transceive(data: bytes, answer_bytes: int, file_id: bytes = RELATED) -> Request:
    """2.2.31 with FSCTL_PIPE_TRANSCEIVE: write to a pipe and read its answer in one message."""
    head = struct.pack(
        "<HHI16sIIIIIIII",
        *(57, 0, FSCTL_PIPE_TRANSCEIVE, file_id),
        *(HEADER_BYTES + 56, len(data), 0, 0, 0, answer_bytes, 1, 0),
    )
    return Request(IOCTL, head + data, 8, max(len(data), answer_bytes))


def query_directory(pattern: str, length: int, file_id: bytes) -> Request:
    """2.2.33, FileDirectoryInformation: what of a folder matches, from where the last one ended."""
    name = pattern.encode("utf-16-le")
    head = struct.pack("<HBBI16sHHI", 33, 1, 0, 0, file_id, HEADER_BYTES + 32, len(name), length)
    return Request(QUERY_DIRECTORY, head + name, 8, length)


@dataclass(frozen=True, slots=True)
class Response:
    """One message of the server, with its header."""

    status: int
    tree_id: int
    packet: bytes

    def maximal_access(self) -> int:
        """2.2.10: what the account may do on the share that a TREE_CONNECT opened."""
        return int.from_bytes(self._slice(HEADER_BYTES + 12, 4), "little")

    def file_id(self) -> bytes:
        """2.2.14: what a CREATE opened."""
        return self._slice(HEADER_BYTES + 64, 16)

    def file_bytes(self) -> int:
        """2.2.14: how large the file is that a CREATE opened."""
        return int.from_bytes(self._slice(HEADER_BYTES + 48, 8), "little")

    def data(self) -> bytes:
        """2.2.20: what a READ read."""
        _, at, _, length = struct.unpack_from("<HBBI", self.packet, HEADER_BYTES)
        return self._slice(at, length)

    def listing(self) -> bytes:
        """2.2.34: what a QUERY_DIRECTORY found."""
        _, at, length = struct.unpack_from("<HHI", self.packet, HEADER_BYTES)
        return self._slice(at, length)

    def output(self) -> bytes:
        """2.2.32: what an IOCTL answered."""
        at, length = struct.unpack_from("<II", self.packet, HEADER_BYTES + 32)
        return self._slice(at, length)

    def _slice(self, at: int, length: int) -> bytes:
        found = self.packet[at : at + length]
        if len(found) != length or (length and at < HEADER_BYTES):
            msg = f"a length of {length} at {at} in a message of {len(self.packet)} bytes"
            raise ValueError(msg)
        return found
