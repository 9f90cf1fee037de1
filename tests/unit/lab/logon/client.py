"""The client's side of NTLM, packed by hand from [MS-NLMP] 2.2.1 and 3.1.5.1.2."""

import hashlib
import hmac
import struct
from dataclasses import dataclass

from hostprobe.lab.logon import keys
from hostprobe.lab.machine.accounts import Account, Accounts
from hostprobe.lab.machine.machine import Machine, Windows

PASSWORD = "Passw0rd!"
FLAGS = 0xE2088237  # Unicode, signing, sealing, NTLM, extended session security, key exchange ...
EXPORTED_KEY = bytes(range(16))


def machine(*, build: int = 20348) -> Machine:
    """A host with one account."""
    return Machine(
        name="WS081",
        domain="LAB",
        dns_name="ws081.lab.example",
        accounts=Accounts([Account("Administrator", PASSWORD, is_admin=True)]),
        windows=Windows(build=build),
    )


def negotiate(flags: int = FLAGS) -> bytes:
    """A NEGOTIATE_MESSAGE without names."""
    return b"NTLMSSP\0" + struct.pack("<II16x", 1, flags)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client makes of a challenge.

    Attributes:
        signs: Whether it sends a MIC, and says so in its MsvAvFlags.
    """

    user: str = "administrator"
    domain: str = "LAB"
    password: str = PASSWORD
    flags: int = FLAGS
    signs: bool = True
    exported_key: bytes = EXPORTED_KEY

    def token(self, challenge: bytes) -> bytes:
        """The AUTHENTICATE_MESSAGE."""
        about = target_info(challenge)
        if self.signs:
            about = about[:-4] + struct.pack("<HHI", 6, 4, 2) + about[-4:]
        rest = b"\1\1" + bytes(6) + bytes(8) + b"\xaa" * 8 + bytes(4) + about + bytes(4)
        secret = keys.response_key(self.password, self.user, self.domain)
        proof = keys.hmac_md5(secret, challenge[24:32] + rest)
        base_key = keys.hmac_md5(secret, proof)
        message = authenticate(
            (bytes(24), proof + rest, self.domain, self.user, "CLIENT"),
            keys.rc4(base_key, self.exported_key),
            self.flags,
        )
        if not self.signs:
            return message
        mic = hmac.digest(self.exported_key, negotiate() + challenge + message, hashlib.md5)
        return message[:72] + mic + message[88:]


def authenticate(values: tuple[bytes, bytes, str, str, str], key: bytes, flags: int) -> bytes:
    """An AUTHENTICATE_MESSAGE with a MIC of zeros.

    Args:
        values: LM response, NT response, domain, user, workstation.
        key: EncryptedRandomSessionKey.
        flags: NegotiateFlags.
    """
    payload, fields = b"", b""
    for field in (*values, key):
        raw = field.encode("utf-16-le") if isinstance(field, str) else field
        fields += struct.pack("<HHI", len(raw), len(raw), 88 + len(payload))
        payload += raw
    return b"NTLMSSP\0" + struct.pack("<I", 3) + fields + struct.pack("<I24x", flags) + payload


def target_info(challenge: bytes) -> bytes:
    """The AV pairs of a CHALLENGE_MESSAGE."""
    length, _, offset = struct.unpack_from("<HHI", challenge, 40)
    return challenge[offset : offset + length]
