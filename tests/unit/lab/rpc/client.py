"""A client of the host's RPC pipes, with PDUs packed by hand from C706 12.6.4."""

import struct
from uuid import UUID

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.accounts import Accounts, Caller
from hostprobe.lab.machine.machine import Machine, Share
from hostprobe.lab.machine.pipes import Pipe
from hostprobe.lab.machine.quirks import Quirks
from hostprobe.lab.rpc import register

NDR = UUID("8a885d04-1ceb-11c9-9fe8-08002b104860").bytes_le + struct.pack("<I", 2)
REQUEST, RESPONSE, FAULT, BIND, BIND_ACK, BIND_NAK, ALTER, ALTER_ACK = 0, 2, 3, 11, 12, 13, 14, 15
FIRST, LAST = 1, 2
_ROOM = 4096  # for arguments in a fragment


def machine() -> Machine:
    """A host with the usual shares, whose services start and stop at once."""
    shares = (
        Share("ADMIN$", "Windows", "Remote Admin", 0x80000000, admin_only=True),
        Share("IPC$", None, "Remote IPC", 0x80000003),
    )
    made = Machine(
        name="WS081",
        accounts=Accounts([]),
        guid=bytes(range(16)),
        shares={share.name.lower(): share for share in shares},
        quirks=Quirks(service_start_s=0, service_stop_s=0),
    )
    register(made)
    return made


def connected(
    host: Machine, name: str, *, is_admin: bool = True, is_anonymous: bool = False
) -> Pipe:
    """An instance of a pipe."""
    return host.pipes.open(name, Caller("ops", "", ("127.0.0.1", 50000), is_admin, is_anonymous))


def pdu(
    kind: int, body: bytes, *, call_id: int = 1, flags: int = FIRST | LAST, auth_length: int = 0
) -> bytes:
    """One PDU."""
    length = 16 + len(body)
    return struct.pack("<BBBBIHHI", 5, 0, kind, flags, 0x10, length, auth_length, call_id) + body


def context(uuid: str, version: int, *, number: int = 0, transfer: bytes = NDR) -> bytes:
    """One element of a bind, with one transfer syntax."""
    return (
        struct.pack("<HBx", number, 1) + UUID(uuid).bytes_le + struct.pack("<I", version) + transfer
    )


def bind_body(*contexts: bytes, longest: int = 4280, group: int = 0) -> bytes:
    """What follows the head of a bind or an alter_context."""
    return struct.pack("<HHIB3x", longest, longest, group, len(contexts)) + b"".join(contexts)


def request_body(opnum: int, stub: bytes, *, number: int = 0) -> bytes:
    """What follows the head of a request."""
    return struct.pack("<IHH", len(stub), number, opnum) + stub


def answers(pipe: Pipe) -> list[bytes]:
    """All PDUs that wait to be read."""
    found = []
    while pipe.queue:
        read = pipe.read(65536, lambda _status, _data: None)
        assert read is not None
        assert read[0] is NtStatus.SUCCESS
        found.append(read[1])
    return found


def head(answer: bytes) -> tuple[int, int, int]:
    """Type, flags and call id of a PDU, whose length must be right."""
    _, _, kind, flags, _, length, _, call_id = struct.unpack_from("<BBBBIHHI", answer)
    assert length == len(answer)
    return kind, flags, call_id


class Client:
    """A client that has bound an interface.

    Args:
        host: Whose interface.
        name: Of the pipe.
        uuid: Of the interface.
        version: Of the interface.
        is_admin: Whether the caller is an administrator.
    """

    def __init__(
        self, host: Machine, name: str, uuid: str, version: int, *, is_admin: bool = True
    ) -> None:
        self.pipe = connected(host, name, is_admin=is_admin)
        self.pipe.write(pdu(BIND, bind_body(context(uuid, version))))
        (answer,) = answers(self.pipe)
        assert head(answer)[0] == BIND_ACK

    def call(self, opnum: int, stub: bytes = b"") -> bytes:
        """The results of a call, put together."""
        found = self._answers(opnum, stub)
        assert {head(answer)[0] for answer in found} == {RESPONSE}
        return b"".join(answer[24:] for answer in found)

    def fault(self, opnum: int, stub: bytes = b"") -> int:
        """The status of the fault that a call ends with."""
        (answer,) = self._answers(opnum, stub)
        assert head(answer)[0] == FAULT
        return int(struct.unpack_from("<I", answer, 24)[0])

    def _answers(self, opnum: int, stub: bytes) -> list[bytes]:
        last = max(len(stub) - 1, 0) // _ROOM * _ROOM
        for at in range(0, last + 1, _ROOM):
            flags = (FIRST if at == 0 else 0) | (LAST if at == last else 0)
            body = request_body(opnum, stub[at : at + _ROOM])
            self.pipe.write(pdu(REQUEST, body, flags=flags))
        return answers(self.pipe)


def code(results: bytes) -> int:
    """The return value, behind all results."""
    return int(struct.unpack("<I", results[-4:])[0])
