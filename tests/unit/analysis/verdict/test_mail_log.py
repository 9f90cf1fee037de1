"""Joining a mail log with a capture: ends, times, and two clocks."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.analysis.verdict.dialogue import ACK, RST, SYN, Dialogue
from tests.unit.analysis.verdict.logged import WHOLE, conversation, joined, logged

from hostprobe.analysis.verdict import Verdict
from hostprobe.analysis.verdict.mail_log import Clock, Joined, NotJoined, clocks, reason
from hostprobe.evidence.smtp_log import Session

_DAY_S = 86400.0


def _pairs(verdicts: list[Verdict], sessions: list[Session], skew_s: float | None = None) -> Joined:
    _, found = joined(verdicts, sessions, skew_s)
    assert isinstance(found, Joined)
    return found


def _reason(verdicts: list[Verdict], sessions: list[Session], skew_s: float | None = None) -> str:
    candidates, found = joined(verdicts, sessions, skew_s)
    assert isinstance(found, NotJoined)
    return reason(candidates, found)


@pytest.mark.parametrize(
    ("local", "peer"),
    [
        ("exchsvr", "relayhost:25"),
        ("192.0.2.1", "192.0.2.25:25"),
        ("[::ffff:192.0.2.1]", "[::ffff:192.0.2.25]:25"),
    ],
)
def test_same_ends(local: str, peer: str) -> None:
    """Names say nothing against an address, and IPv4 is itself in the clothes of IPv6."""
    one = conversation()
    session = logged(one, 3600.5, local=local, peer=peer)
    assert _pairs([one], [session]) == Joined(Clock(3600.5, 1, 3600.5, 3600.5), {0: session})


def test_log_of_the_server() -> None:
    """In the log of the side that receives, the peer is the client."""
    one = conversation()
    session = logged(one, 5.0)._replace(
        kind="receive", local="192.0.2.25:25", peer="192.0.2.1:40000"
    )
    assert _pairs([one], [session]).pairs == {0: session}


def test_sides_that_the_capture_mistook() -> None:
    """Where the capture began too late to know who called, the ends are enough."""
    one = conversation()
    session = logged(one, 1.0)._replace(local="192.0.2.25:25", peer="192.0.2.1:40000")
    assert _pairs([one], [session]).pairs == {0: session}


@pytest.mark.parametrize(
    ("local", "peer"), [("exchsvr:40001", "relayhost:25"), (None, "relayhost:25"), ("x:40000", "y")]
)
def test_other_ports(local: str | None, peer: str) -> None:
    """Other ports, or none, are another session, and no clock can be compared."""
    one = conversation()
    told = _reason([one], [logged(one, 0.0)._replace(local=local, peer=peer)])
    assert told == "no session has the ports of a conversation of the capture; their times overlap"


def test_other_addresses() -> None:
    """The same ports with other addresses are no proof; it is said, for NAT would look so."""
    one = conversation()
    told = _reason([one], [logged(one, 0.0, local="10.0.0.5", peer="10.0.0.9:25")])
    assert "other addresses (10.0.0.5 and 10.0.0.9:25): another server, or NAT" in told


def test_ports_used_again() -> None:
    """Of sessions with the same ports the one that fits the common difference is meant."""
    verdicts = [conversation(port) for port in (40000, 41000, 42000)]
    known = [logged(verdicts[1], 60.0), logged(verdicts[2], 60.3)]
    mine, later = logged(verdicts[0], 60.2), logged(verdicts[0], 5000.0)
    found = _pairs(verdicts, [later, *known, mine])
    assert found.pairs == {0: mine, 1: known[0], 2: known[1]}
    assert found.clock == Clock(60.2, 3, 60.0, 60.3)
    assert clocks(found) == (
        "3 conversations of the capture are in it; its clock is 60.200 s ahead of the capture's"
        " (the median of 3 sessions, from 60.000 to 60.300 s)"
    )


def test_ambiguous() -> None:
    """Two differences that are as good as each other join nothing, until the user tells which."""
    one = conversation()
    near, far = logged(one, 60.0), logged(one, -300.0)
    assert _reason([one], [near, far]) == (
        "it is ambiguous: sessions have the same ports and would fit if its clock were 60.000 s"
        " ahead of the capture's or 300.000 s (5.0 min) behind the capture's; --skew SECONDS tells"
        " which"
    )
    assert _pairs([one], [near, far], -280.0).pairs == {0: far}


@pytest.mark.parametrize("ahead_s", [0.4, 60.0])
def test_likelier_clock(ahead_s: float) -> None:
    """Clocks are rather wrong by minutes than by hours, and rather right than wrong."""
    one = conversation()
    now, earlier = logged(one, ahead_s), logged(one, -7200.0)
    found = _pairs([one], [earlier, now])
    assert found.pairs == {0: now}
    assert "ahead of the capture's (found by 1 session)" in clocks(found)


def test_other_length() -> None:
    """A session of another length is no rival to one of the same length."""
    one = conversation()
    same, shorter = logged(one, 3600.0), logged(one, 60.0, cut_s=20.0)
    assert _pairs([one], [same, shorter]).pairs == {0: same}


def test_beginning_not_in_the_log() -> None:
    """A log that begins within the session is joined by its end."""
    one = conversation()
    session = logged(one, -1.0, cut_s=20.0)
    assert _pairs([one], [session]) == Joined(Clock(-1.0, 1, -1.0, -1.0), {0: session})


def test_log_still_open() -> None:
    """A session without an end is joined by its beginning."""
    one = conversation()
    session = logged(one, 30.0)._replace(has_ended=False)
    assert _pairs([one], [session]).pairs == {0: session}


@pytest.mark.parametrize(
    ("ahead_s", "cut_s", "zone"), [(2 * _DAY_S, 0.0, ""), (7205.0, 9.0, " (a wrong time zone?)")]
)
def test_one_far_away(ahead_s: float, cut_s: float, zone: str) -> None:
    """One session alone, far away, is not believed, nor one of another length; it is told."""
    one = conversation()
    session = logged(one, ahead_s, cut_s=cut_s)
    told = _reason([one], [session])
    assert told.startswith(f"the nearest session with the same ports is 2.0 {'h' if zone else 'd'}")
    assert (zone in told, "--skew" in told) == (True, True)
    assert _pairs([one], [session], ahead_s).pairs == {0: session}


def test_told_wrongly() -> None:
    """A difference that the user tells and nothing fits is told as such."""
    one = conversation()
    told = _reason([one], [logged(one, 60.0)], -3600.0)
    assert told.startswith("the nearest session with the same ports is 60.0 s later; where its")


@pytest.mark.parametrize(
    ("ahead_s", "text"),
    [
        (86400.0 * 3, "; the log begins 3.0 days after the capture"),
        (-3700.0, "; the log ends 61.2 min before the capture (a wrong time zone?)"),
    ],
)
def test_other_times(ahead_s: float, text: str) -> None:
    """A log of other ports and other times is told of as both."""
    one = conversation()
    session = logged(one, ahead_s)._replace(local="exchsvr:1")
    assert _reason([one], [session]).endswith(f"of the capture{text}")


def test_nothing_there() -> None:
    """An empty log, and an empty capture, are told of as such."""
    assert _reason([conversation()], []) == "there is no session in it"
    assert _reason([], [WHOLE]) == "the capture has no conversation"


def test_same_session_twice() -> None:
    """A log that was read twice joins each conversation once, and counts it once."""
    one = conversation()
    first, copy = logged(one, 60.0), logged(one, 60.0)
    found = _pairs([one], [first, copy])
    assert (len(found.pairs), found.clock.sessions) == (1, 1)


def test_one_session_two_conversations() -> None:
    """A session is that conversation which is nearer, and not two."""
    verdicts = [conversation(), conversation(begins_s=1.5)]
    session = logged(verdicts[1], 0.0)
    assert _pairs(verdicts, [session]).pairs == {1: session}


def test_no_connection() -> None:
    """A call that was refused has no port of the client in the log; the server's and time do."""
    refused = Dialogue().client(0.0, flags=SYN).server(0.1, flags=RST | ACK).verdict()
    session = logged(refused, 0.2)._replace(local=None, outcome="not_connected")
    assert _pairs([refused], [session]).pairs == {0: session}
    assert "no session has the ports" in _reason([refused], [session._replace(outcome="open")])


def test_many_sessions_with_the_same_ports() -> None:
    """Of very many with the same ports the nearest are kept, whatever their order."""
    one = conversation()
    sessions = [logged(one, 100.0 * number + 1.0) for number in range(500)]
    random.Random(1).shuffle(sessions)  # noqa: S311 - an order
    candidates, found = joined([one], sessions)
    assert isinstance(found, Joined)
    assert found.clock.ahead_s == 1.0
    assert len(list(candidates)) == 8


_AHEAD = st.floats(-14 * 3600, 14 * 3600).map(lambda ahead_s: round(ahead_s, 3))


@given(_AHEAD, st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=20), st.randoms())
def test_any_difference(ahead_s: float, jitter: list[float], order: random.Random) -> None:
    """Whatever the difference, the jitter and the order, it is found, and all sessions with it."""
    verdicts = [conversation(1024 + n, begins_s=7.0 * n) for n in range(len(jitter))]
    sessions = [logged(one, ahead_s + late) for one, late in zip(verdicts, jitter, strict=True)]
    strangers = [logged(conversation(50000 + n), 10.0 * n) for n in range(5)]
    shuffled = [*sessions, *strangers]
    order.shuffle(shuffled)
    found = _pairs(verdicts, shuffled)
    assert found.pairs == dict(enumerate(sessions))
    assert found.clock.least_s <= found.clock.ahead_s <= found.clock.most_s
    assert abs(found.clock.ahead_s - ahead_s) <= 0.501


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(-1e6, 1e6)), max_size=12), st.randoms())
def test_any_sessions(told: list[tuple[int, float]], order: random.Random) -> None:
    """Whatever a log has: each conversation and session is joined once at most, near the clock."""
    verdicts = [conversation(40000 + n, begins_s=n * 0.7) for n in range(6)]
    sessions = [logged(verdicts[number], ahead_s) for number, ahead_s in told]
    order.shuffle(sessions)
    _, found = joined(verdicts, sessions)
    if isinstance(found, Joined):
        assert len({id(one) for one in found.pairs.values()}) == len(found.pairs) >= 1
        for number, session in found.pairs.items():
            apart = session.started_at - verdicts[number].started_at
            assert abs(apart - timedelta(seconds=found.clock.ahead_s)) <= timedelta(seconds=2.001)
