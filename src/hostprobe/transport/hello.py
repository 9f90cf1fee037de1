"""What a host says of itself before it knows who asks: in the negotiation and the NTLM challenge.

It is not believed for anything: a person reads it. A host that garbles it has said nothing.

Source: [MS-SMB2] 2.2.4 (NEGOTIATE response); [MS-NLMP] 2.2.1.2, 2.2.2.1 and 2.2.2.10 (challenge).
"""

import contextlib
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

_HEADER_BYTES: Final = 64
_NEGOTIATE, _SESSION_SETUP = 0, 1
# StructureSize, SecurityMode, DialectRevision, NegotiateContextCount, ServerGuid, Capabilities,
# MaxTransactSize, MaxReadSize, MaxWriteSize, SystemTime, ServerStartTime, SecurityBufferOffset,
# SecurityBufferLength, NegotiateContextOffset
_AGREED: Final = struct.Struct("<HHHH16sIIIIQQHHI")
_SIGNING_REQUIRED, _CAN_ENCRYPT = 0x02, 0x40
_ENCRYPTION_CONTEXT: Final = 2
_DIALECTS: Final = {0x202: "2.0.2", 0x210: "2.1", 0x300: "3.0", 0x302: "3.0.2", 0x311: "3.1.1"}
_CIPHERS: Final = {1: "AES-128-CCM", 2: "AES-128-GCM", 3: "AES-256-CCM", 4: "AES-256-GCM"}
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_CHALLENGE: Final = b"NTLMSSP\0\2\0\0\0"
_HAS_VERSION: Final = 0x02000000
_NB_NAME, _NB_DOMAIN, _DNS_NAME, _DNS_DOMAIN = 1, 2, 3, 4
_NAME: Final = re.compile(r"[\w.-]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What the host said; None is what it did not.

    Attributes:
        cipher: With which it encrypts; None also where it cannot.
        time: Of its clock when it negotiated.
        name: Its NetBIOS name.
        domain: NetBIOS name of its domain; its own name where it is in none.
        has_challenged: Whether it asked for the proof of a password, as NTLM does.
        windows: Major and minor version and build, such as `10.0.22631`.
    """

    dialect: str | None = None
    cipher: str | None = None
    signing_required: bool | None = None
    write_bytes: int | None = None
    time: datetime | None = None
    name: str | None = None
    dns_name: str | None = None
    domain: str | None = None
    dns_domain: str | None = None
    windows: str | None = None
    has_challenged: bool = False

    @property
    def is_in_domain(self) -> bool | None:
        """Whether the host is in a domain; None where it did not say."""
        return None if self.domain is None else self.domain != self.name


def read(frames: Iterable[bytes]) -> Hello:
    """What these messages say, taken together."""
    found = Hello()
    for frame in frames:
        with contextlib.suppress(struct.error, OverflowError, IndexError):
            command = int.from_bytes(frame[12:14], "little")
            if command == _NEGOTIATE:
                found = _with_agreement(found, frame)
            elif command == _SESSION_SETUP and (at := frame.find(_CHALLENGE)) >= 0:
                found = _with_challenge(found, frame[at:])
    return found


def _with_agreement(found: Hello, frame: bytes) -> Hello:
    _, mode, dialect, count, _, can, _, _, writes, now, *_, at = _AGREED.unpack_from(
        frame, _HEADER_BYTES
    )
    cipher = _CIPHERS[1] if 0x300 <= dialect < 0x311 and can & _CAN_ENCRYPT else None
    if dialect == 0x311:
        cipher = _cipher(frame, at, count)
    return replace(
        found,
        dialect=_DIALECTS.get(dialect),
        cipher=cipher,
        signing_required=bool(mode & _SIGNING_REQUIRED),
        write_bytes=writes,
        time=_EPOCH + timedelta(microseconds=now // 10) if now else None,
    )


def _cipher(frame: bytes, at: int, count: int) -> str | None:
    """2.2.4.1: contexts of type, length and four reserved bytes, each padded to eight."""
    for _ in range(count):
        kind, length = struct.unpack_from("<HH", frame, at)
        if kind == _ENCRYPTION_CONTEXT:
            return _CIPHERS.get(struct.unpack_from("<H", frame, at + 10)[0])
        at += 8 + length + -length % 8
    return None


def _with_challenge(found: Hello, challenge: bytes) -> Hello:
    flags = struct.unpack_from("<I", challenge, 20)[0]
    names = _names(challenge)
    version = struct.unpack_from("<BBH", challenge, 48) if flags & _HAS_VERSION else None
    return replace(
        found,
        name=names.get(_NB_NAME),
        domain=names.get(_NB_DOMAIN),
        dns_name=names.get(_DNS_NAME),
        dns_domain=names.get(_DNS_DOMAIN),
        windows=".".join(map(str, version)) if version else None,
        has_challenged=True,
    )


def _names(challenge: bytes) -> dict[int, str]:
    length, _, at = struct.unpack_from("<HHI", challenge, 40)
    pairs = challenge[at : at + length]
    names: dict[int, str] = {}
    while len(pairs) >= 4:
        kind, size = struct.unpack_from("<HH", pairs)
        text = pairs[4 : 4 + size].decode("utf-16-le", "replace")
        if kind in {_NB_NAME, _NB_DOMAIN, _DNS_NAME, _DNS_DOMAIN} and _NAME.fullmatch(text):
            names[kind] = text
        pairs = pairs[4 + size :]
    return names
