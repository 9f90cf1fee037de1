"""The acceptor's side of one NTLM exchange.

NTLMv2 alone: what LM and NTLMv1 answer proves nothing here. Channel bindings are not looked at.

Source: [MS-NLMP] 3.2.5 (server), 3.3.2 (NTLMv2), 3.1.5.1.2 (MIC).
"""

import hmac
from dataclasses import dataclass, field, replace

from hostprobe.lab.logon import keys, messages
from hostprobe.lab.logon.messages import Authenticate, Flag, MessageType, Target
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.times import filetime

_NTPROOF_BYTES = 16
_NTLMV1_BYTES = 24
_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Identity:
    """Who logged in, or tried to.

    Attributes:
        workstation: The client's own name, as it tells it.
        is_anonymous: It gave no name, and proved nothing; its session key is all zeros.
        is_proven: It knows the password.
        session_key: ExportedSessionKey; empty where nothing was proven.
    """

    user: str
    domain: str
    workstation: str
    is_anonymous: bool
    is_proven: bool
    session_key: bytes = field(repr=False)

    def refused(self) -> "Identity":
        """The same claim, with nothing proven."""
        return replace(self, is_anonymous=False, is_proven=False, session_key=b"")


class NtlmAcceptor:
    """One exchange with one client.

    Args:
        machine: Whose names the challenge tells, and whose accounts may log in.
        server_challenge: Eight bytes, new for each exchange.
    """

    __slots__ = ("_challenge", "_flags", "_machine", "_negotiate", "_server_challenge", "identity")

    def __init__(self, machine: Machine, server_challenge: bytes) -> None:
        self._machine = machine
        self._server_challenge = server_challenge
        self._negotiate = b""
        self._challenge = b""
        self._flags = Flag(0)
        self.identity: Identity | None = None

    def step(self, token: bytes) -> bytes:
        """Answer one message; empty once `identity` is known.

        Raises:
            ValueError: The message is garbled, or comes out of turn.
        """
        match messages.message_type(token):
            case MessageType.NEGOTIATE if not self._challenge:
                return self._challenged(token)
            case MessageType.AUTHENTICATE if self._challenge and self.identity is None:
                self.identity = self._identity(token)
                return b""
            case kind:
                msg = f"an NTLM message of type {kind} out of turn"
                raise ValueError(msg)

    def signature(self, side: keys.Side, message: bytes) -> bytes:
        """The signature of a side for `message`, under the key of a proven identity."""
        key = self.identity.session_key if self.identity else b""
        return keys.signature(key, side, self._flags, message)

    def _challenged(self, token: bytes) -> bytes:
        machine = self._machine
        target = Target(
            name=machine.name,
            domain=machine.domain,
            dns_name=machine.dns_name,
            version=(*machine.windows.version, machine.windows.build),
            time=filetime(machine.now()),
        )
        flags = messages.negotiated_flags(token)
        self._negotiate = token
        self._challenge = messages.challenge(flags, self._server_challenge, target)
        return self._challenge

    def _identity(self, token: bytes) -> Identity:
        answer = messages.authenticate(token)
        self._flags = answer.flags
        is_anonymous = not answer.user and not answer.nt_response  # 3.2.5.1.2
        key = bytes(_KEY_BYTES) if is_anonymous else self._session_key(answer)
        return Identity(
            user=answer.user,
            domain=answer.domain,
            workstation=answer.workstation,
            is_anonymous=is_anonymous,
            is_proven=bool(key) and not is_anonymous,
            session_key=key,
        )

    def _session_key(self, answer: Authenticate) -> bytes:
        """ExportedSessionKey (3.2.5.1.2); empty where the password is not proven."""
        account = self._machine.accounts.get(answer.user)
        if account is None or len(answer.nt_response) <= _NTLMV1_BYTES:
            return b""
        secret = keys.response_key(account.password, answer.user, answer.domain)
        proof, rest = answer.nt_response[:_NTPROOF_BYTES], answer.nt_response[_NTPROOF_BYTES:]
        expected = keys.hmac_md5(secret, self._server_challenge + rest)
        if not hmac.compare_digest(proof, expected):
            return b""
        key = _exported_key(keys.hmac_md5(secret, proof), answer)
        return key if self._is_intact(answer, rest, key) else b""

    def _is_intact(self, answer: Authenticate, client_challenge: bytes, key: bytes) -> bool:
        """Whether the MIC over all three messages holds, where the client sent one."""
        if not messages.av_flags(client_challenge) & messages.HAS_MIC:
            return True
        sent = self._negotiate + self._challenge + answer.without_mic
        return hmac.compare_digest(answer.mic, keys.hmac_md5(key, sent))


def _exported_key(key_exchange_key: bytes, answer: Authenticate) -> bytes:
    # For NTLMv2 the key exchange key is the session base key (3.4.5.1).
    flags = answer.flags
    if not (flags & Flag.KEY_EXCHANGE and flags & (Flag.SIGN | Flag.SEAL)):
        return key_exchange_key
    if len(answer.encrypted_key) != _KEY_BYTES:
        msg = "an encrypted session key of another length than 16"
        raise ValueError(msg)
    return keys.rc4(key_exchange_key, answer.encrypted_key)
