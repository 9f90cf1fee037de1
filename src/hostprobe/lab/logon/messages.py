"""The three messages of NTLM.

Source: [MS-NLMP] 2.2.1 (messages) and 2.2.2 (structures in them).
"""

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag

SIGNATURE = b"NTLMSSP\0"

# 2.2.1: signature, message type
_HEAD = struct.Struct("<8sI")
# 2.2.1.1 NEGOTIATE_MESSAGE: signature, type, flags
_NEGOTIATE = struct.Struct("<8sII")
# 2.2.1.2 CHALLENGE_MESSAGE: signature, type, target name (length, room, offset), flags, server
# challenge, reserved, target info (length, room, offset), version
_CHALLENGE = struct.Struct("<8sIHHII8s8xHHI8s")
# 2.2.2.10 VERSION: major, minor, build, reserved, NTLM revision
_VERSION = struct.Struct("<BBH3xB")
# 2.2.1.3 AUTHENTICATE_MESSAGE: signature, type; length, room and offset of: LM response, NT
# response, domain, user, workstation, encrypted session key; flags
_AUTHENTICATE = struct.Struct("<8sIHHIHHIHHIHHIHHIHHII")
_MIC = slice(72, 88)  # after the version
# 2.2.2.1 AV_PAIR: id, length of the value that follows
_AV_PAIR = struct.Struct("<HH")
# 2.2.2.7 NTLMv2_CLIENT_CHALLENGE: 1, 1, reserved, time, client challenge, reserved; AV_PAIRs
_CLIENT_CHALLENGE = struct.Struct("<BB6xQ8s4x")

_NTLM_REVISION = 15  # NTLMSSP_REVISION_W2K3


class MessageType(IntEnum):
    """What follows the signature (2.2.1)."""

    NEGOTIATE = 1
    CHALLENGE = 2
    AUTHENTICATE = 3


class Flag(IntFlag):
    """What the two sides agree on (2.2.2.5)."""

    UNICODE = 0x00000001
    REQUEST_TARGET = 0x00000004
    SIGN = 0x00000010
    SEAL = 0x00000020
    NTLM = 0x00000200
    ALWAYS_SIGN = 0x00008000
    TARGET_TYPE_SERVER = 0x00020000
    EXTENDED_SESSION_SECURITY = 0x00080000
    TARGET_INFO = 0x00800000
    VERSION = 0x02000000
    KEY_128 = 0x20000000
    KEY_EXCHANGE = 0x40000000
    KEY_56 = 0x80000000


class AvId(IntEnum):
    """What an attribute of the target tells (2.2.2.1)."""

    END = 0
    NETBIOS_COMPUTER_NAME = 1
    NETBIOS_DOMAIN_NAME = 2
    DNS_COMPUTER_NAME = 3
    DNS_DOMAIN_NAME = 4
    FLAGS = 6
    TIMESTAMP = 7


HAS_MIC = 0x2  # of AvId.FLAGS

_OFFERED = (
    Flag.UNICODE
    | Flag.SIGN
    | Flag.SEAL
    | Flag.EXTENDED_SESSION_SECURITY
    | Flag.VERSION
    | Flag.KEY_128
    | Flag.KEY_EXCHANGE
    | Flag.KEY_56
)
_ALWAYS = (
    Flag.UNICODE
    | Flag.REQUEST_TARGET
    | Flag.NTLM
    | Flag.ALWAYS_SIGN
    | Flag.TARGET_TYPE_SERVER
    | Flag.TARGET_INFO
)


@dataclass(frozen=True, slots=True)
class Target:
    """What a CHALLENGE_MESSAGE tells of the host.

    Attributes:
        version: Major, minor and build number of its Windows.
        time: A FILETIME.
    """

    name: str
    domain: str
    dns_name: str
    version: tuple[int, int, int]
    time: int


@dataclass(frozen=True, slots=True)
class Authenticate:
    """An AUTHENTICATE_MESSAGE; `without_mic` is all of it with a MIC of zeros (3.2.5.1.2)."""

    nt_response: bytes
    domain: str
    user: str
    workstation: str
    encrypted_key: bytes
    flags: Flag
    mic: bytes
    without_mic: bytes


def message_type(token: bytes) -> int:
    """The type of an NTLM message.

    Raises:
        ValueError: It is none.
    """
    if len(token) < _HEAD.size or not token.startswith(SIGNATURE):
        msg = "not an NTLM message"
        raise ValueError(msg)
    _, kind = _HEAD.unpack_from(token)
    return int(kind)


def negotiated_flags(token: bytes) -> Flag:
    """What the host answers to the flags of a NEGOTIATE_MESSAGE (3.2.5.1.1).

    Raises:
        ValueError: The message is cut.
    """
    if len(token) < _NEGOTIATE.size:
        msg = "a cut NEGOTIATE_MESSAGE"
        raise ValueError(msg)
    _, _, flags = _NEGOTIATE.unpack_from(token)
    return Flag(flags) & _OFFERED | _ALWAYS


def challenge(flags: Flag, server_challenge: bytes, target: Target) -> bytes:
    """A CHALLENGE_MESSAGE."""
    name = target.name.encode("utf-16-le")
    about = _target_info(target)
    end = _CHALLENGE.size + len(name)
    return (
        _CHALLENGE.pack(
            SIGNATURE,
            MessageType.CHALLENGE,
            *(len(name), len(name), _CHALLENGE.size),
            flags,
            server_challenge,
            *(len(about), len(about), end),
            _VERSION.pack(*target.version, _NTLM_REVISION),
        )
        + name
        + about
    )


def _target_info(target: Target) -> bytes:
    _, _, dns_domain = target.dns_name.partition(".")
    names = (
        (AvId.NETBIOS_DOMAIN_NAME, target.domain),
        (AvId.NETBIOS_COMPUTER_NAME, target.name),
        (AvId.DNS_DOMAIN_NAME, dns_domain or target.dns_name),
        (AvId.DNS_COMPUTER_NAME, target.dns_name),
    )
    pairs = [(kind, name.encode("utf-16-le")) for kind, name in names]
    pairs += [(AvId.TIMESTAMP, target.time.to_bytes(8, "little")), (AvId.END, b"")]
    return b"".join(_AV_PAIR.pack(kind, len(value)) + value for kind, value in pairs)


def authenticate(token: bytes) -> Authenticate:
    """Read an AUTHENTICATE_MESSAGE.

    Raises:
        ValueError: It is cut, a field points out of it, or its text is not UTF-16.
    """
    if len(token) < _AUTHENTICATE.size:
        msg = "a cut AUTHENTICATE_MESSAGE"
        raise ValueError(msg)
    _, _, *numbers, flags = _AUTHENTICATE.unpack_from(token)
    if not flags & Flag.UNICODE:
        msg = "an AUTHENTICATE_MESSAGE that is not in Unicode"
        raise ValueError(msg)
    _, nt_response, domain, user, workstation, key = (
        _field(token, numbers[at], numbers[at + 2]) for at in range(0, len(numbers), 3)
    )
    return Authenticate(
        nt_response=nt_response,
        domain=domain.decode("utf-16-le"),
        user=user.decode("utf-16-le"),
        workstation=workstation.decode("utf-16-le"),
        encrypted_key=key,
        flags=Flag(flags),
        mic=token[_MIC],
        without_mic=token[: _MIC.start] + bytes(16) + token[_MIC.stop :],
    )


def _field(token: bytes, length: int, offset: int) -> bytes:
    if length and offset + length > len(token):
        msg = "a field that points out of the message"
        raise ValueError(msg)
    return token[offset : offset + length]


def av_flags(client_challenge: bytes) -> int:
    """The MsvAvFlags of an NTLMv2_CLIENT_CHALLENGE; 0 where it has none.

    Raises:
        ValueError: It is cut, or not of NTLMv2.
    """
    if len(client_challenge) < _CLIENT_CHALLENGE.size or client_challenge[:2] != b"\1\1":
        msg = "not an NTLMv2 client challenge"
        raise ValueError(msg)
    at = _CLIENT_CHALLENGE.size
    while at + _AV_PAIR.size <= len(client_challenge):
        kind, length = _AV_PAIR.unpack_from(client_challenge, at)
        at += _AV_PAIR.size
        if kind == AvId.END:
            break
        if kind == AvId.FLAGS:
            return int.from_bytes(client_challenge[at : at + length], "little")
        at += length
    return 0
