"""The keys of an NTLMv2 log-in, from the password's hash to the signature of a message.

Source: [MS-NLMP] 3.3.2 (NTLMv2 authentication), 3.4.2 to 3.4.5 (session security), 6 (RC4K).
"""

import functools
import hashlib
import hmac
import struct
from enum import Enum

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher

from hostprobe.lab.logon.md4 import md4
from hostprobe.lab.logon.messages import Flag

_SEQUENCE_NUMBER = 0  # of the only message that is signed
# 2.2.2.9.2: version, checksum, sequence number
_SIGNATURE = struct.Struct("<I8sI")


class Side(Enum):
    """Who signs; the value is the direction that 3.4.5.2 and 3.4.5.3 name."""

    CLIENT = "client-to-server"
    SERVER = "server-to-client"


@functools.lru_cache(maxsize=256)
def nt_hash(password: str) -> bytes:
    """NTOWFv1 of a password (3.3.1): thousands of hosts share a few passwords."""
    return md4(password.encode("utf-16-le"))


def response_key(password: str, user: str, domain: str) -> bytes:
    """NTOWFv2 (3.3.2)."""
    return hmac_md5(nt_hash(password), (user.upper() + domain).encode("utf-16-le"))


def hmac_md5(key: bytes, message: bytes) -> bytes:
    """HMAC-MD5 (RFC 2104)."""
    return hmac.digest(key, message, "md5")


def rc4(key: bytes, message: bytes) -> bytes:
    """RC4K (6): `message` under a fresh key stream, which both encrypts and decrypts."""
    return Cipher(ARC4(key), mode=None).encryptor().update(message)


def sign_key(session_key: bytes, side: Side) -> bytes:
    """SIGNKEY (3.4.5.2)."""
    return _md5(session_key + f"session key to {side.value} signing key magic constant\0".encode())


def seal_key(session_key: bytes, side: Side, flags: Flag) -> bytes:
    """SEALKEY (3.4.5.3) under extended session security."""
    strength = 16 if flags & Flag.KEY_128 else 7 if flags & Flag.KEY_56 else 5
    magic = f"session key to {side.value} sealing key magic constant\0".encode()
    return _md5(session_key[:strength] + magic)


def signature(session_key: bytes, side: Side, flags: Flag, message: bytes) -> bytes:
    """The first signature of a side (3.4.4.2), as GSS_GetMICEx gives it (3.4.8)."""
    numbered = _SEQUENCE_NUMBER.to_bytes(4, "little") + message
    checksum = hmac_md5(sign_key(session_key, side), numbered)[:8]
    if flags & Flag.KEY_EXCHANGE:
        checksum = rc4(seal_key(session_key, side, flags), checksum)
    return _SIGNATURE.pack(1, checksum, _SEQUENCE_NUMBER)


def _md5(message: bytes) -> bytes:
    return hashlib.md5(message, usedforsecurity=False).digest()
