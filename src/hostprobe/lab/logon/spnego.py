"""The negotiation around NTLM: SPNEGO, or NTLM without it.

Source: RFC 4178 4.2 (NegTokenInit, NegTokenResp) and 5 (mechListMIC); [MS-SPNG] 2.2.1
(NegTokenInit2); [MS-SMB2] 3.3.5.5.3 (the token is that of GSS-API, or of NTLM itself).
"""

import functools
import hmac
import secrets
from dataclasses import dataclass
from enum import IntEnum

from hostprobe.lab.logon import der
from hostprobe.lab.logon.der import Tag
from hostprobe.lab.logon.keys import Side
from hostprobe.lab.logon.messages import SIGNATURE
from hostprobe.lab.logon.ntlm import Identity, NtlmAcceptor
from hostprobe.lab.machine.machine import Machine

_SPNEGO = bytes.fromhex("06062b0601050502")  # 1.3.6.1.5.5.2, with tag and length
_NTLM = bytes.fromhex("060a2b06010401823702020a")  # 1.3.6.1.4.1.311.2.2.10, so too
_NEG_HINT = b"not_defined_in_RFC4178@please_ignore"


class _State(IntEnum):
    """Of the negotiation (RFC 4178 4.2.2)."""

    ACCEPT_COMPLETED = 0
    ACCEPT_INCOMPLETE = 1
    REJECT = 2


@dataclass(frozen=True, slots=True)
class _Token:
    """What the client sent: `mech_types` only at first, `mic` only at the end."""

    mech_types: bytes
    mech_token: bytes
    mic: bytes


@functools.cache
def hint() -> bytes:
    """What the host offers before it is asked, in its NEGOTIATE response: NTLM alone."""
    name = der.value(Tag.CONTEXT, der.value(Tag.GENERAL_STRING, _NEG_HINT))
    offer = der.value(Tag.CONTEXT, der.value(Tag.SEQUENCE, _NTLM))
    offer += der.value(Tag.CONTEXT + 3, der.value(Tag.SEQUENCE, name))
    token = der.value(Tag.CONTEXT, der.value(Tag.SEQUENCE, offer))
    return der.value(Tag.APPLICATION, _SPNEGO + token)


class Acceptor:
    """One log-in of one client."""

    __slots__ = ("_has_chosen", "_mech_types", "_ntlm")

    def __init__(self, machine: Machine) -> None:
        self._ntlm = NtlmAcceptor(machine, secrets.token_bytes(8))
        self._mech_types = b""
        self._has_chosen = False

    @property
    def identity(self) -> Identity:
        """Who it was; not before `step` has said that it is finished.

        Raises:
            ValueError: The client has not yet said who it is.
        """
        if self._ntlm.identity is None:
            msg = "the log-in is not finished"
            raise ValueError(msg)
        return self._ntlm.identity

    def step(self, token: bytes) -> tuple[bytes, bool]:
        """Answer one token, and say whether the log-in is finished, well or not.

        Raises:
            ValueError: The token is garbled or comes out of turn, or the client offers no NTLM.
        """
        if token.startswith(SIGNATURE):
            answer = self._ntlm.step(token)
            return answer, self._ntlm.identity is not None
        sent = _read(token)
        self._mech_types = self._mech_types or sent.mech_types
        if not sent.mech_token and self._ntlm.identity is None:
            return self._incomplete(b""), False
        answer = self._ntlm.step(sent.mech_token)
        if self._ntlm.identity is None:
            return self._incomplete(answer), False
        return self._finished(self._ntlm.identity, sent.mic), True

    def _incomplete(self, mech_token: bytes) -> bytes:
        is_first, self._has_chosen = not self._has_chosen, True
        mech = _NTLM if is_first else b""
        return _response(_State.ACCEPT_INCOMPLETE, mech=mech, mech_token=mech_token)

    def _finished(self, identity: Identity, mic: bytes) -> bytes:
        if not identity.is_proven and not identity.is_anonymous:
            return _response(_State.REJECT)
        if not mic:
            return _response(_State.ACCEPT_COMPLETED)
        if not hmac.compare_digest(mic, self._ntlm.signature(Side.CLIENT, self._mech_types)):
            self._ntlm.identity = identity.refused()
            return _response(_State.REJECT)
        mic = self._ntlm.signature(Side.SERVER, self._mech_types)
        return _response(_State.ACCEPT_COMPLETED, mic=mic)


def _read(token: bytes) -> _Token:
    """A NegTokenInit in its GSS-API frame (RFC 2743 3.1), or a NegTokenResp."""
    if token.startswith(bytes([Tag.APPLICATION])):
        return _read_init(token)
    found = der.fields(der.content(der.content(token, Tag.CONTEXT + 1), Tag.SEQUENCE))
    return _Token(b"", _octets(found, 2), _octets(found, 3))


def _read_init(token: bytes) -> _Token:
    frame = der.content(token, Tag.APPLICATION)
    if not frame.startswith(_SPNEGO):
        msg = "a GSS-API token that is not of SPNEGO"
        raise ValueError(msg)
    inner = der.content(frame.removeprefix(_SPNEGO), Tag.CONTEXT)
    found = der.fields(der.content(inner, Tag.SEQUENCE))
    mech_types = found.get(Tag.CONTEXT, b"")
    offered = der.content(mech_types, Tag.SEQUENCE)
    if _NTLM not in offered:
        msg = "the client offers no NTLM"
        raise ValueError(msg)
    # The token is of the mechanism that comes first; another one starts anew.
    mech_token = _octets(found, 2) if offered.startswith(_NTLM) else b""
    return _Token(mech_types, mech_token, b"")


def _octets(found: dict[int, bytes], number: int) -> bytes:
    wrapped = found.get(Tag.CONTEXT + number)
    return b"" if wrapped is None else der.content(wrapped, Tag.OCTET_STRING)


def _response(
    state: _State, *, mech: bytes = b"", mech_token: bytes = b"", mic: bytes = b""
) -> bytes:
    body = der.value(Tag.CONTEXT, der.value(Tag.ENUMERATED, bytes([state])))
    if mech:
        body += der.value(Tag.CONTEXT + 1, mech)
    if mech_token:
        body += der.value(Tag.CONTEXT + 2, der.value(Tag.OCTET_STRING, mech_token))
    if mic:
        body += der.value(Tag.CONTEXT + 3, der.value(Tag.OCTET_STRING, mic))
    return der.value(Tag.CONTEXT + 1, der.value(Tag.SEQUENCE, body))
