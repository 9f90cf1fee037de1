"""NEGOTIATE: the dialect, and for 3.x the cipher and how messages are signed.

Source: [MS-SMB2] 2.2.3, 2.2.4, 3.3.5.4; 3.3.5.3.1 (from an SMB 1 negotiation).
"""

import hashlib
import struct
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.logon import hint
from hostprobe.lab.smb import contexts
from hostprobe.lab.smb.clients import Client, Offer
from hostprobe.lab.smb.headers import HEADER, HEADER_BYTES, PROTOCOL_ID, Command, Request, Violation
from hostprobe.lab.smb.keys import Agreement, Cipher, Dialect, Signing
from hostprobe.lab.times import filetime

SMB1_ID: Final = b"\xffSMB"
MAX_TRANSFER_BYTES: Final = 8 << 20

_SMB1_NEGOTIATE: Final = 0x72

# StructureSize, DialectCount, SecurityMode, Reserved, Capabilities, ClientGuid,
# NegotiateContextOffset, NegotiateContextCount, Reserved2, then the dialects: 2.2.3
REQUEST: Final = struct.Struct("<HHHHI16sIHH")
# StructureSize, SecurityMode, DialectRevision, NegotiateContextCount, ServerGuid, Capabilities,
# MaxTransactSize, MaxReadSize, MaxWriteSize, SystemTime, ServerStartTime, SecurityBufferOffset,
# SecurityBufferLength, NegotiateContextOffset, then the buffer and the contexts: 2.2.4
_ANSWER: Final = struct.Struct("<HHHH16sIIIIQQHHI")

_SIGNING_ENABLED, _SIGNING_REQUIRED = 1, 2  # SecurityMode
_LARGE_MTU, _ENCRYPTION = 0x04, 0x40  # Capabilities


def negotiate_from_smb1(frame: bytes) -> Request:
    """The SMB 2 request that an SMB 1 negotiation stands for, [MS-SMB2] 3.3.5.3.

    Raises:
        Violation: It asks for SMB 1 alone.
    """
    if frame[4:5] != bytes([_SMB1_NEGOTIATE]):
        msg = "an SMB 1 request"
        raise Violation(msg)
    if b"\x02SMB 2.???\0" in frame:
        dialects = [Dialect.WILDCARD, Dialect.SMB_2_0_2]
    elif b"\x02SMB 2.002\0" in frame:
        dialects = [Dialect.SMB_2_0_2]
    else:
        msg = "a client that speaks SMB 1 alone"
        raise Violation(msg)
    header = HEADER.pack(PROTOCOL_ID, HEADER_BYTES, *(0,) * 10, bytes(16))
    body = REQUEST.pack(36, len(dialects), 0, 0, 0, bytes(16), 0, 0, 0)
    return Request(
        command=Command.NEGOTIATE,
        credits=1,
        charge=0,
        is_async=False,
        is_related=False,
        is_signed=False,
        message_id=0,
        tree_id=0,
        session_id=0,
        async_id=0,
        raw=header + body + struct.pack(f"<{len(dialects)}H", *dialects),
    )


def negotiate(client: Client, request: Request) -> tuple[NtStatus, bytes]:
    """NEGOTIATE, [MS-SMB2] 3.3.5.4.

    Raises:
        StatusError: No dialect in common.
        Violation: It was done before.
    """
    if client.agreed.dialect:
        msg = "a second NEGOTIATE"
        raise Violation(msg)
    _, count, mode, _, capabilities, guid, contexts_at, context_count, _ = REQUEST.unpack_from(
        request.raw, HEADER_BYTES
    )
    offered = struct.unpack_from(f"<{count}H", request.raw, HEADER_BYTES + REQUEST.size)
    dialect = _dialect(client, offered)
    answers: list[bytes] = []
    if dialect == Dialect.SMB_3_1_1:
        asked = contexts.read(request.raw, contexts_at, context_count)
        client.agreed, answers = contexts.agree(client.machine.smb, asked)
        client.preauth_hash = hashlib.sha512(bytes(64) + request.raw).digest()
    elif dialect != Dialect.WILDCARD:
        client.agreed = _agreement(client, dialect, capabilities)
    client.offer = Offer(capabilities, guid, mode, *_told(client, dialect))
    return NtStatus.SUCCESS, _answer(client, dialect, answers)


def chosen(client: Client, offered: tuple[int, ...]) -> Dialect:
    """The host's best dialect that the client offers; NONE where there is none."""
    best = next((one for one in client.machine.smb.dialects if one in offered), Dialect.NONE)
    return Dialect(best)


def _dialect(client: Client, offered: tuple[int, ...]) -> Dialect:
    """Which one to speak; WILDCARD asks for a second NEGOTIATE, [MS-SMB2] 3.3.5.3.1.

    Raises:
        StatusError: INVALID_PARAMETER, or NOT_SUPPORTED.
    """
    if not offered:
        raise StatusError(NtStatus.INVALID_PARAMETER)
    if Dialect.WILDCARD in offered and max(client.machine.smb.dialects) > Dialect.SMB_2_0_2:
        return Dialect.WILDCARD
    if not (dialect := chosen(client, offered)):
        raise StatusError(NtStatus.NOT_SUPPORTED)
    return dialect


def _agreement(client: Client, dialect: Dialect, capabilities: int) -> Agreement:
    """What 3.0.2 and before have to agree on: 3.0 encrypts with one cipher alone."""
    if dialect < Dialect.SMB_3_0:
        return Agreement(dialect, Cipher.NONE, Signing.HMAC_SHA256)
    can_seal = capabilities & _ENCRYPTION and client.machine.smb.ciphers
    return Agreement(dialect, Cipher.AES_128_CCM if can_seal else Cipher.NONE, Signing.AES_CMAC)


def _told(client: Client, dialect: Dialect) -> tuple[int, int]:
    """The server's own capabilities and security mode."""
    capabilities = _LARGE_MTU if dialect > Dialect.SMB_2_0_2 else 0
    if client.agreed.cipher and dialect < Dialect.SMB_3_1_1:
        capabilities |= _ENCRYPTION
    mode = _SIGNING_REQUIRED if client.machine.smb.requires_signing else 0
    return capabilities, mode | _SIGNING_ENABLED


def _answer(client: Client, dialect: Dialect, answers: list[bytes]) -> bytes:
    machine = client.machine
    token = hint()
    token_at = HEADER_BYTES + _ANSWER.size
    padding = bytes(-len(token) % 8) if answers else b""
    size = MAX_TRANSFER_BYTES if dialect > Dialect.SMB_2_0_2 else 65536
    body = _ANSWER.pack(
        *(65, client.offer.server_mode, dialect, len(answers), machine.guid),
        *(client.offer.server_capabilities, size, size, size),
        *(filetime(machine.now()), 0, token_at, len(token)),
        token_at + len(token) + len(padding) if answers else 0,
    )
    return b"".join((body, token, padding, *answers))
