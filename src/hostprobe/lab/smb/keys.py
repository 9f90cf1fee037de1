"""What the two sides agree on, and the keys of a session: signing and encryption.

Source: [MS-SMB2] 3.1.4.1 (signing), 3.1.4.2 (keys), 3.1.4.3 (encryption), 2.2.41 (transform
header); NIST SP 800-108 (key derivation in counter mode).
"""

import hashlib
import hmac
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM
from cryptography.hazmat.primitives.cmac import CMAC

from hostprobe.lab.smb.headers import Command, Violation

TRANSFORM_ID: Final = b"\xfdSMB"
_TRANSFORM_BYTES: Final = 52

# Nonce, OriginalMessageSize, Reserved, Flags (1: encrypted), SessionId: what of the transform
# header comes after its Signature, and is authenticated with the message; [MS-SMB2] 2.2.41
_AUTHENTICATED = struct.Struct("<16sIHHQ")
_ENCRYPTED: Final = 1


class Dialect(IntEnum):
    """[MS-SMB2] 2.2.3."""

    NONE = 0
    SMB_2_0_2 = 0x0202
    SMB_2_1 = 0x0210
    WILDCARD = 0x02FF
    SMB_3_0 = 0x0300
    SMB_3_0_2 = 0x0302
    SMB_3_1_1 = 0x0311

    @property
    def label(self) -> str:
        """As people write it: `SMB 3.1.1`."""
        return "SMB " + self.name[4:].replace("_", ".")


class Cipher(IntEnum):
    """[MS-SMB2] 2.2.3.1.2."""

    NONE = 0
    AES_128_CCM = 1
    AES_128_GCM = 2
    AES_256_CCM = 3
    AES_256_GCM = 4

    @property
    def label(self) -> str:
        """As people write it: `AES-128-GCM`."""
        return self.name.replace("_", "-") if self else "no encryption"


class Signing(IntEnum):
    """[MS-SMB2] 2.2.3.1.7."""

    HMAC_SHA256 = 0
    AES_CMAC = 1
    AES_GMAC = 2


@dataclass(frozen=True, slots=True)
class Agreement:
    """What NEGOTIATE came to, [MS-SMB2] 3.3.5.4."""

    dialect: Dialect = Dialect.NONE
    cipher: Cipher = Cipher.NONE
    signing: Signing = Signing.HMAC_SHA256


def derive(key: bytes, label: bytes, context: bytes, size: int = 16) -> bytes:
    """A key of up to 32 bytes, [MS-SMB2] 3.1.4.2; `label` comes with its final NUL."""
    message = b"\0\0\0\1" + label + b"\0" + context + struct.pack(">I", size * 8)
    return hmac.digest(key, message, hashlib.sha256)[:size]


class Keys:
    """The keys of one session, seen from the server.

    Args:
        session_key: 16 bytes, what the log-in yielded.
        preauth_hash: The session's, for 3.1.1; [MS-SMB2] 3.3.5.5.3.
    """

    __slots__ = ("_from_client", "_nonce_bytes", "_signer", "_to_client")

    def __init__(self, session_key: bytes, agreed: Agreement, preauth_hash: bytes) -> None:
        self._from_client: AESGCM | AESCCM | None = None
        self._to_client: AESGCM | AESCCM | None = None
        self._nonce_bytes = 0
        if agreed.dialect >= Dialect.SMB_3_1_1:
            signing_key = derive(session_key, b"SMBSigningKey\0", preauth_hash)
            size = 32 if agreed.cipher >= Cipher.AES_256_CCM else 16
            inward = derive(session_key, b"SMBC2SCipherKey\0", preauth_hash, size)
            outward = derive(session_key, b"SMBS2CCipherKey\0", preauth_hash, size)
            self._seal_with(agreed.cipher, inward, outward)
        elif agreed.dialect >= Dialect.SMB_3_0:
            signing_key = derive(session_key, b"SMB2AESCMAC\0", b"SmbSign\0")
            inward = derive(session_key, b"SMB2AESCCM\0", b"ServerIn \0")
            outward = derive(session_key, b"SMB2AESCCM\0", b"ServerOut\0")
            self._seal_with(agreed.cipher, inward, outward)
        else:
            signing_key = session_key
        self._signer = _SIGNERS[agreed.signing](signing_key)

    def _seal_with(self, cipher: Cipher, inward: bytes, outward: bytes) -> None:
        if cipher in (Cipher.AES_128_GCM, Cipher.AES_256_GCM):
            self._from_client, self._to_client = AESGCM(inward), AESGCM(outward)
            self._nonce_bytes = 12
        elif cipher:
            self._from_client, self._to_client = AESCCM(inward), AESCCM(outward)
            self._nonce_bytes = 11

    @property
    def can_seal(self) -> bool:
        """Whether a cipher was agreed on."""
        return self._to_client is not None

    def signature(self, message: bytes, *, from_server: bool = True) -> bytes:
        """The signature of a message of at least a header, whatever stands in its place."""
        blank = b"".join((message[:48], bytes(16), message[64:]))
        return self._signer.signature(blank, from_server=from_server)

    def is_signed(self, message: bytes) -> bool:
        """Whether the client's signature is right."""
        return hmac.compare_digest(self.signature(message, from_server=False), message[48:64])

    def seal(self, message: bytes, session_id: int) -> bytes:
        """Encrypt for the client.

        Raises:
            Violation: No cipher was agreed on.
        """
        if self._to_client is None:
            msg = "no cipher was agreed on"
            raise Violation(msg)
        nonce = os.urandom(self._nonce_bytes)
        header = _AUTHENTICATED.pack(nonce, len(message), 0, _ENCRYPTED, session_id)
        sealed = self._to_client.encrypt(nonce, message, header)
        return b"".join((TRANSFORM_ID, sealed[-16:], header, sealed[:-16]))

    def unseal(self, frame: bytes) -> bytes:
        """Decrypt what the client sent.

        Raises:
            Violation: It was not encrypted with this key.
        """
        nonce = frame[20 : 20 + self._nonce_bytes]
        sealed = frame[_TRANSFORM_BYTES:] + frame[4:20]
        try:
            if self._from_client is not None and len(frame) >= _TRANSFORM_BYTES:
                return self._from_client.decrypt(nonce, sealed, frame[20:_TRANSFORM_BYTES])
        except InvalidTag:
            pass
        msg = "a frame that does not decrypt"
        raise Violation(msg)


def sealing_session(frame: bytes) -> int:
    """The SessionId of a transform header; Violation where there is none."""
    try:
        return int(_AUTHENTICATED.unpack_from(frame, 20)[4])
    except struct.error as error:
        msg = "a broken transform header"
        raise Violation(msg) from error


class _Signer(Protocol):
    """One way to sign, with one key; the place of the signature is blank in the message."""

    def signature(self, message: bytes, *, from_server: bool) -> bytes: ...


class _HmacSigner:
    """2.0.2 and 2.1, and 3.1.1 where it is agreed on."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def signature(self, message: bytes, *, from_server: bool) -> bytes:
        del from_server
        return hmac.digest(self._key, message, hashlib.sha256)[:16]


class _CmacSigner:
    """3.0 and later."""

    __slots__ = ("_mac",)

    def __init__(self, key: bytes) -> None:
        self._mac = CMAC(algorithms.AES(key))

    def signature(self, message: bytes, *, from_server: bool) -> bytes:
        del from_server
        mac = self._mac.copy()
        mac.update(message)
        return mac.finalize()


class _GmacSigner:
    """3.1.1 where it is agreed on: the nonce tells who signs, and a CANCEL."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def signature(self, message: bytes, *, from_server: bool) -> bytes:
        is_cancel = message[12] == Command.CANCEL
        nonce = message[24:32] + struct.pack("<I", from_server | is_cancel << 1)
        return self._cipher.encrypt(nonce, b"", message)


_SIGNERS: Final[dict[Signing, Callable[[bytes], _Signer]]] = {
    Signing.HMAC_SHA256: _HmacSigner,
    Signing.AES_CMAC: _CmacSigner,
    Signing.AES_GMAC: _GmacSigner,
}
