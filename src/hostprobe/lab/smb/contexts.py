"""The contexts of a 3.1.1 NEGOTIATE: hash, cipher and signing.

Source: [MS-SMB2] 2.2.3.1, 2.2.4.1, 3.3.5.4.
"""

import os
import struct
from enum import IntEnum
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.machine import SmbPolicy
from hostprobe.lab.smb.keys import Agreement, Cipher, Dialect, Signing

_CONTEXT: Final = struct.Struct("<HHI")  # ContextType, DataLength, Reserved, then the data: 2.2.3.1
_SHA512: Final = 1
_SALT_BYTES: Final = 32
_MAX_CONTEXTS: Final = 64


class Kind(IntEnum):
    """ContextType, [MS-SMB2] 2.2.3.1."""

    PREAUTH_INTEGRITY = 1
    ENCRYPTION = 2
    SIGNING = 8


# where the list of algorithms begins in a context's data, behind their count (and SaltLength)
_LIST_AT: Final[dict[int, int]] = {Kind.PREAUTH_INTEGRITY: 4, Kind.ENCRYPTION: 2, Kind.SIGNING: 2}


def read(raw: bytes, offset: int, count: int) -> dict[int, tuple[int, ...]]:
    """The algorithms that a client offers, by the context's kind; unknown kinds are passed over.

    Raises:
        StatusError: INVALID_PARAMETER: more contexts than there can be.
        struct.error: The contexts lead out of the message.
    """
    if count > _MAX_CONTEXTS:
        raise StatusError(NtStatus.INVALID_PARAMETER)
    offered: dict[int, tuple[int, ...]] = {}
    for _ in range(count):
        kind, size, _ = _CONTEXT.unpack_from(raw, offset)
        start = offset + _CONTEXT.size
        if kind in _LIST_AT:
            text = raw[start : start + size]
            (listed,) = struct.unpack_from("<H", text)
            offered[kind] = struct.unpack_from(f"<{listed}H", text, _LIST_AT[kind])
        offset = start + size + -size % 8
    return offered


def agree(policy: SmbPolicy, offered: dict[int, tuple[int, ...]]) -> tuple[Agreement, list[bytes]]:
    """What both sides can do, and the contexts that say so, padded.

    Raises:
        StatusError: INVALID_PARAMETER: no hash for pre-authentication integrity in common.
    """
    if _SHA512 not in offered.get(Kind.PREAUTH_INTEGRITY, ()):
        raise StatusError(NtStatus.INVALID_PARAMETER)
    # HashAlgorithmCount, SaltLength, HashAlgorithm, Salt: 2.2.3.1.1
    salt = os.urandom(_SALT_BYTES)
    answers = [(Kind.PREAUTH_INTEGRITY, struct.pack("<HHH", 1, _SALT_BYTES, _SHA512) + salt)]
    cipher, signing = Cipher.NONE, Signing.AES_CMAC
    if ciphers := offered.get(Kind.ENCRYPTION):
        cipher = Cipher(next((one for one in policy.ciphers if one in ciphers), Cipher.NONE))
        answers.append((Kind.ENCRYPTION, struct.pack("<HH", 1, cipher)))  # CipherCount, Cipher
    if ways := offered.get(Kind.SIGNING):
        signing = Signing(next((one for one in policy.signing if one in ways), Signing.AES_CMAC))
        answers.append((Kind.SIGNING, struct.pack("<HH", 1, signing)))  # count, algorithm
    return Agreement(Dialect.SMB_3_1_1, cipher, signing), _packed(answers)


def _packed(answers: list[tuple[Kind, bytes]]) -> list[bytes]:
    """Each context but the last is padded to eight bytes."""
    packed = [_CONTEXT.pack(kind, len(text), 0) + text for kind, text in answers]
    return [one + bytes(-len(one) % 8) for one in packed[:-1]] + packed[-1:]
