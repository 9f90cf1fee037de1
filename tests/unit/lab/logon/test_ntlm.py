"""The acceptor's side of an NTLM exchange."""

import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.lab.logon import client
from tests.unit.lab.logon.client import Answer

from hostprobe.lab.logon import keys
from hostprobe.lab.logon.ntlm import Identity, NtlmAcceptor
from hostprobe.lab.machine.accounts import Account, Accounts
from hostprobe.lab.machine.machine import Machine

CHALLENGE = bytes.fromhex("0123456789abcdef")
# [MS-NLMP] 4.2.4.3: Domain\User, "Password", from COMPUTER; its session key is sixteen times 0x55
PUBLISHED = bytes.fromhex(
    "4e544c4d5353500003000000180018006c00000054005400840000000c000c00480000000800080054000000"
    "100010005c00000010001000d8000000358288e20501280a0000000f44006f006d00610069006e0055007300"
    "6500720043004f004d005000550054004500520086c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa"
    "68cd0ab851e51c96aabc927bebef6a1c01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000"
    "02000c0044006f006d00610069006e0001000c005300650072007600650072000000000000000000c5dad254"
    "4fc9799094ce1ce90bc9d03e"
)


def outcome(token: bytes, machine: Machine | None = None) -> Identity:
    """Who a client is that answers the challenge with `token`."""
    acceptor = NtlmAcceptor(machine or client.machine(), CHALLENGE)
    acceptor.step(client.negotiate())
    assert acceptor.step(token) == b""
    assert acceptor.identity is not None
    return acceptor.identity


def answered(answer: Answer) -> Identity:
    """Who a client is that answers as `answer` says."""
    acceptor = NtlmAcceptor(client.machine(), CHALLENGE)
    acceptor.step(answer.token(acceptor.step(client.negotiate())))
    assert acceptor.identity is not None
    return acceptor.identity


def test_published_exchange() -> None:
    """The AUTHENTICATE_MESSAGE of [MS-NLMP] 4.2.4.3 proves its user, and gives its session key."""
    machine = Machine(name="Server", accounts=Accounts([Account("User", "Password")]))
    identity = outcome(PUBLISHED, machine)
    assert (identity.user, identity.domain, identity.workstation) == ("User", "Domain", "COMPUTER")
    assert identity.is_proven
    assert identity.session_key == bytes([0x55]) * 16


@pytest.mark.parametrize(("build", "version"), [(20348, (10, 0)), (7601, (6, 1))])
def test_challenge(build: int, version: tuple[int, int]) -> None:
    """The challenge tells the host's names, its Windows and its time."""
    challenge = NtlmAcceptor(client.machine(build=build), CHALLENGE).step(client.negotiate())
    assert challenge[24:32] == CHALLENGE
    assert struct.unpack_from("<BBH3xB", challenge, 48) == (*version, build, 15)
    about = client.target_info(challenge)
    pairs = {}
    while about[:2] != bytes(2):
        kind, length = struct.unpack_from("<HH", about)
        pairs[kind], about = about[4 : 4 + length], about[4 + length :]
    names = {kind: pairs[kind].decode("utf-16-le") for kind in (1, 2, 3, 4)}
    assert names == {1: "WS081", 2: "LAB", 3: "ws081.lab.example", 4: "lab.example"}
    assert int.from_bytes(pairs[7], "little") > 133_000_000_000_000_000


@pytest.mark.parametrize("signs", [True, False])
def test_right_password(signs: bool) -> None:  # noqa: FBT001 - a test's parameter
    """The right password proves the user, with and without a MIC, and the key is the client's."""
    identity = answered(Answer(signs=signs))
    assert (identity.user, identity.workstation) == ("administrator", "CLIENT")
    assert identity.is_proven
    assert not identity.is_anonymous
    assert identity.session_key == client.EXPORTED_KEY


def test_no_key_exchange() -> None:
    """Without a key exchange the session key comes from the password and the challenges alone."""
    identity = answered(Answer(flags=client.FLAGS & ~0x40000000, signs=False))
    assert identity.is_proven
    assert identity.session_key != client.EXPORTED_KEY
    assert len(identity.session_key) == 16


@pytest.mark.parametrize(
    "answer", [Answer(password="wrong"), Answer(user="nobody"), Answer(user="")]
)
def test_wrong_answers(answer: Answer) -> None:
    """A wrong password, an unknown user or none proves nothing, and yields no key."""
    identity = answered(answer)
    assert not identity.is_proven
    assert not identity.is_anonymous
    assert identity.session_key == b""


def test_changed_messages() -> None:
    """A MIC that does not fit the three messages proves nothing."""
    acceptor = NtlmAcceptor(client.machine(), CHALLENGE)
    token = Answer().token(acceptor.step(client.negotiate(client.FLAGS | 0x8)))
    acceptor.step(token)  # the client vouches for another NEGOTIATE_MESSAGE
    assert acceptor.identity is not None
    assert not acceptor.identity.is_proven


def test_ntlmv1() -> None:
    """An answer of 24 bytes, which NTLMv1 and LM give, proves nothing."""
    values = (bytes(24), bytes(24), "LAB", "Administrator", "CLIENT")
    assert not outcome(client.authenticate(values, b"", client.FLAGS)).is_proven


def test_anonymous() -> None:
    """No user and no answer is the anonymous log-in: its session key is all zeros."""
    identity = outcome(client.authenticate((b"\0", b"", "", "", ""), b"", client.FLAGS))
    assert identity.is_anonymous
    assert not identity.is_proven
    assert identity.session_key == bytes(16)


def test_order_of_messages() -> None:
    """A message out of turn is refused."""
    acceptor = NtlmAcceptor(client.machine(), CHALLENGE)
    with pytest.raises(ValueError, match="type 3 out of turn"):
        acceptor.step(PUBLISHED)
    challenge = acceptor.step(client.negotiate())
    with pytest.raises(ValueError, match="type 1 out of turn"):
        acceptor.step(client.negotiate())
    acceptor.step(Answer().token(challenge))
    with pytest.raises(ValueError, match="type 3 out of turn"):
        acceptor.step(Answer().token(challenge))


def test_repr_without_secrets() -> None:
    """An identity's text does not show its key."""
    identity = answered(Answer())
    assert repr(identity) == repr(replace(identity, session_key=b""))


def test_broken_negotiate() -> None:
    """What is no NTLM message, or a cut one, is refused."""
    for token in (b"", b"NTLMSSP\0", b"X" * 40, client.negotiate()[:14]):
        with pytest.raises(ValueError, match=r"NTLM|NEGOTIATE"):
            NtlmAcceptor(client.machine(), CHALLENGE).step(token)


@pytest.mark.parametrize(
    ("token", "complaint"),
    [
        (PUBLISHED[:63], "cut"),
        (PUBLISHED[:-1], "points out"),
        (PUBLISHED[:60] + b"\0" + PUBLISHED[61:], "Unicode"),
    ],
)
def test_broken_authenticate(token: bytes, complaint: str) -> None:
    """A message that is cut, points out of itself or is not in Unicode is refused."""
    with pytest.raises(ValueError, match=complaint):
        outcome(token)


def test_key_of_wrong_length() -> None:
    """An encrypted session key of another length than sixteen is refused."""
    with pytest.raises(ValueError, match="another length"):
        answered(Answer(exported_key=bytes(15), signs=False))


@given(st.binary(max_size=60))
def test_hostile_client_challenge(rest: bytes) -> None:
    """With the right password, any client challenge is taken or refused, and nothing else."""
    acceptor = NtlmAcceptor(client.machine(), CHALLENGE)
    acceptor.step(client.negotiate())
    secret = keys.response_key(client.PASSWORD, "Administrator", "")
    answer = keys.hmac_md5(secret, CHALLENGE + rest) + rest
    flags = client.FLAGS & ~0x40000000
    token = client.authenticate((b"", answer, "", "Administrator", ""), b"", flags)
    try:
        acceptor.step(token)
    except ValueError:
        assert acceptor.identity is None


@given(st.integers(0, len(PUBLISHED) - 1), st.binary(min_size=1, max_size=4))
def test_hostile_authenticate(at: int, noise: bytes) -> None:
    """A changed message is taken or refused with ValueError, whatever was changed."""
    machine = Machine(name="Server", accounts=Accounts([Account("User", "Password")]))
    acceptor = NtlmAcceptor(machine, CHALLENGE)
    acceptor.step(client.negotiate())
    try:
        acceptor.step(PUBLISHED[:at] + noise + PUBLISHED[at + len(noise) :])
    except ValueError:
        assert acceptor.identity is None
