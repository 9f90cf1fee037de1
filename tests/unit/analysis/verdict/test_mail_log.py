"""Joining a mail log with a capture: ends, times, and two clocks."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.analysis.verdict.dialogue import Dialogue

from hostprobe.analysis.verdict import Verdict
from hostprobe.analysis.verdict.mail_log import Joined, LogSession, join

_START = datetime.fromtimestamp(1_700_000_000, UTC)


def _session(
    ahead_s: float,
    local: tuple[str, int] = ("exchsvr", 40000),
    remote: tuple[str, int] = ("relayhost", 25),
) -> LogSession:
    return LogSession(
        source="SEND1.LOG",
        local=local,
        remote=remote,
        started_at=_START + timedelta(seconds=ahead_s),
        last_command="DATA",
        last_reply="354 Enter mail",
        ended_by="Remote",
        first_line=1,
        last_line=7,
    )


@pytest.fixture
def verdict() -> Verdict:
    """A conversation of 192.0.2.1:40000 with 192.0.2.25:25."""
    return Dialogue().opened().verdict()


@pytest.mark.parametrize(
    ("local", "remote"),
    [
        (("exchsvr", 40000), ("relayhost", 25)),
        (("192.0.2.1", 40000), ("192.0.2.25", 25)),
        (("192.0.2.25", 25), ("192.0.2.1", 40000)),
    ],
)
def test_same_ends(verdict: Verdict, local: tuple[str, int], remote: tuple[str, int]) -> None:
    """Names say nothing against an address, and either side may have written the log."""
    session = _session(3600.5, local, remote)
    assert join((verdict,), (session,)) == Joined(((verdict, session),), 3600.5, ())


@pytest.mark.parametrize("local", [("192.0.2.9", 40000), ("exchsvr", 40001)])
def test_other_ends(verdict: Verdict, local: tuple[str, int]) -> None:
    """Another address or port is another session, and no clock can be compared."""
    session = _session(0.0, local)
    assert join((verdict,), (session,)) == Joined((), None, (session,))


def test_ports_used_again(verdict: Verdict) -> None:
    """Of sessions with the same ports the one that fits the common difference is meant."""
    others = [dataclasses.replace(verdict, client_port=port) for port in (41000, 42000)]
    known = [
        _session(60.0 + apart, ("exchsvr", port)) for port, apart in ((41000, 0), (42000, 0.3))
    ]
    mine, later = _session(60.2), _session(5000.0)
    joined = join((verdict, *others), (*known, mine, later))
    assert joined.ahead_s == pytest.approx(60.25)
    assert joined.pairs[-1] == (verdict, mine)
    assert joined.unmatched == (later,)


def test_only_ambiguous_ports(verdict: Verdict) -> None:
    """Where every session fits several conversations, the nearest ones tell the difference."""
    started_at = verdict.started_at + timedelta(seconds=900)
    later = dataclasses.replace(verdict, started_at=started_at)
    session = _session(1.0)
    assert join((verdict, later), (session,)).pairs == ((verdict, session),)
