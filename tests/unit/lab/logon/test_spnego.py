"""The negotiation around NTLM."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.lab.logon import client
from tests.unit.lab.logon.client import Answer

from hostprobe.lab.logon import Acceptor, der, hint, keys
from hostprobe.lab.logon.keys import Side
from hostprobe.lab.logon.messages import Flag

SPNEGO = bytes.fromhex("06062b0601050502")
NTLM = bytes.fromhex("060a2b06010401823702020a")
KERBEROS = bytes.fromhex("06092a864886f712010202")
MECHANISMS = der.value(0x30, NTLM)

COMPLETED, INCOMPLETE, REJECT = b"\0", b"\1", b"\2"


def init(mech_token: bytes, mechanisms: bytes = MECHANISMS) -> bytes:
    """A NegTokenInit; without a mechToken where it is empty."""
    body = der.value(0xA0, mechanisms)
    if mech_token:
        body += der.value(0xA2, der.value(0x04, mech_token))
    return der.value(0x60, SPNEGO + der.value(0xA0, der.value(0x30, body)))


def resp(mech_token: bytes, mic: bytes = b"") -> bytes:
    """A NegTokenResp of the client."""
    body = der.value(0xA2, der.value(0x04, mech_token))
    if mic:
        body += der.value(0xA3, der.value(0x04, mic))
    return der.value(0xA1, der.value(0x30, body))


def fields(answer: bytes) -> dict[int, bytes]:
    """The fields of the host's NegTokenResp: state, mechanism, mechToken, mechListMIC."""
    found = der.fields(der.content(der.content(answer, 0xA1), 0x30))
    return {tag & 0x0F: der.read(value)[1] for tag, value in found.items()}


def signature(side: Side, mechanisms: bytes = MECHANISMS) -> bytes:
    """The mechListMIC of a side."""
    return keys.signature(client.EXPORTED_KEY, side, Flag(client.FLAGS), mechanisms)


def test_whole_exchange() -> None:
    """The host names NTLM once, sends its challenge, and signs the list that the client signed."""
    acceptor = Acceptor(client.machine())
    answer, is_finished = acceptor.step(init(client.negotiate()))
    challenge = fields(answer)
    assert not is_finished
    assert (challenge[0], challenge[1]) == (INCOMPLETE, NTLM[2:])
    answer, is_finished = acceptor.step(resp(Answer().token(challenge[2]), signature(Side.CLIENT)))
    assert is_finished
    assert fields(answer) == {0: COMPLETED, 3: signature(Side.SERVER)}
    assert acceptor.identity.is_proven
    assert acceptor.identity.session_key == client.EXPORTED_KEY


def test_other_mechanism_first() -> None:
    """A token of another mechanism is passed over, and NTLM begins with the next one."""
    mechanisms = der.value(0x30, KERBEROS + NTLM)
    acceptor = Acceptor(client.machine())
    answer, is_finished = acceptor.step(init(b"a Kerberos ticket", mechanisms))
    assert not is_finished
    assert fields(answer) == {0: INCOMPLETE, 1: NTLM[2:]}
    answer, _ = acceptor.step(resp(client.negotiate()))
    challenge = fields(answer)
    assert set(challenge) == {0, 2}
    token = resp(Answer().token(challenge[2]), signature(Side.CLIENT, mechanisms))
    answer, _ = acceptor.step(token)
    assert fields(answer) == {0: COMPLETED, 3: signature(Side.SERVER, mechanisms)}


def test_no_list_signature() -> None:
    """A client that does not sign the list is not answered with a signature."""
    acceptor = Acceptor(client.machine())
    challenge = fields(acceptor.step(init(client.negotiate()))[0])[2]
    answer, is_finished = acceptor.step(resp(Answer().token(challenge)))
    assert is_finished
    assert fields(answer) == {0: COMPLETED}


def test_wrong_password() -> None:
    """A wrong password ends the negotiation with a rejection."""
    acceptor = Acceptor(client.machine())
    challenge = fields(acceptor.step(init(client.negotiate()))[0])[2]
    answer, is_finished = acceptor.step(resp(Answer(password="wrong").token(challenge)))
    assert is_finished
    assert fields(answer) == {0: REJECT}
    assert not acceptor.identity.is_proven


def test_changed_list() -> None:
    """A signature over another list of mechanisms takes back what the password has proven."""
    acceptor = Acceptor(client.machine())
    challenge = fields(acceptor.step(init(client.negotiate()))[0])[2]
    token = resp(Answer().token(challenge), signature(Side.CLIENT, b"another list"))
    answer, is_finished = acceptor.step(token)
    assert is_finished
    assert fields(answer) == {0: REJECT}
    assert not acceptor.identity.is_proven
    assert not acceptor.identity.is_anonymous
    assert acceptor.identity.session_key == b""


def test_bare_ntlm() -> None:
    """NTLM without SPNEGO around it is answered without it."""
    acceptor = Acceptor(client.machine())
    challenge, is_finished = acceptor.step(client.negotiate())
    assert not is_finished
    assert acceptor.step(Answer().token(challenge)) == (b"", True)
    assert acceptor.identity.is_proven


def test_anonymous() -> None:
    """The anonymous log-in is completed."""
    acceptor = Acceptor(client.machine())
    acceptor.step(init(client.negotiate()))
    token = client.authenticate((b"\0", b"", "", "", ""), b"", client.FLAGS)
    answer, is_finished = acceptor.step(resp(token))
    assert is_finished
    assert fields(answer) == {0: COMPLETED}
    assert acceptor.identity.is_anonymous


def test_no_identity_before_the_end() -> None:
    """Nobody is known before the client has answered the challenge."""
    acceptor = Acceptor(client.machine())
    acceptor.step(init(client.negotiate()))
    with pytest.raises(ValueError, match="not finished"):
        _ = acceptor.identity


def test_nothing_after_the_end() -> None:
    """A finished log-in takes no further token."""
    acceptor = Acceptor(client.machine())
    challenge = fields(acceptor.step(init(client.negotiate()))[0])[2]
    acceptor.step(resp(Answer().token(challenge)))
    for token in (resp(Answer().token(challenge)), resp(b"")):
        with pytest.raises(ValueError, match=r"out of turn|not an NTLM"):
            acceptor.step(token)


@pytest.mark.parametrize(
    ("token", "complaint"),
    [
        (init(b"", der.value(0x30, KERBEROS)), "offers no NTLM"),
        (der.value(0x60, KERBEROS), "not of SPNEGO"),
        (b"", "cut DER"),
        (b"garbage", "DER"),
        (init(client.negotiate())[:-1], "cut DER"),
    ],
)
def test_garbage(token: bytes, complaint: str) -> None:
    """A token that is garbled, of another protocol, or offers no NTLM is refused."""
    with pytest.raises(ValueError, match=complaint):
        Acceptor(client.machine()).step(token)


def test_hint() -> None:
    """Before it is asked, the host offers NTLM alone, as a NegTokenInit2 with Windows' hint."""
    frame = der.content(hint(), 0x60)
    assert frame.startswith(SPNEGO)
    found = der.fields(der.content(der.content(frame[len(SPNEGO) :], 0xA0), 0x30))
    assert found[0xA0] == MECHANISMS
    assert b"not_defined_in_RFC4178@please_ignore" in found[0xA3]


@given(st.integers(0, 200), st.binary(min_size=1, max_size=4))
def test_hostile_tokens(at: int, noise: bytes) -> None:
    """A changed token is taken or refused with ValueError, whatever was changed."""
    acceptor = Acceptor(client.machine())
    token = init(client.negotiate())
    try:
        answer, is_finished = acceptor.step(token[:at] + noise + token[at + len(noise) :])
    except ValueError:
        return
    assert answer
    assert not is_finished
