"""What messages that fail have in common."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from hostprobe.analysis.mail.apart import Apart, Share, apart
from hostprobe.analysis.mail.attempts import OTHERS, Attempts, Stream
from hostprobe.analysis.mail.groups import groups
from hostprobe.analysis.mail.sizes import size_class
from hostprobe.analysis.mail.telling import told
from hostprobe.evidence.smtp_log import Kind, Message

_START = datetime(2009, 1, 8, 18, tzinfo=UTC)
_SIZES = (3_000, 200_000, 900_000, 1_100_000, 5_000_000)


def _message(
    number: int, *, accepted: bool, size: int | None, relay: str = "relay1:25", kind: Kind = "send"
) -> Message:
    at = _START + timedelta(minutes=number)
    return Message(kind, "SendConn", relay, at, size, accepted)


def _hubs(*, size_matters: bool = True, time_matters: bool = True) -> Attempts:
    """Six hours of three hubs; at the first one messages fail, in the way that is asked for."""
    attempts = Attempts()
    for number in range(360):
        size = _SIZES[number % len(_SIZES)]
        for hub in (1, 2, 3):
            is_hit = hub == 1
            is_hit &= size > 1 << 20 or not size_matters
            is_hit &= number >= 240 or not time_matters
            message = _message(number, accepted=not is_hit, size=size, relay=f"relay{hub}:25")
            attempts.add(f"hub{hub}", message)
    return attempts


def _only(attempts: Attempts) -> Apart:
    (found,) = apart(attempts)
    return found


def test_the_story_of_the_origin() -> None:
    """Only above 1 MB, only this relay, only since 22:00, and the two sister hubs are well."""
    found = _only(_hubs())

    assert found.stream == Stream("hub1", "SendConn", "relay1:25")
    assert (found.from_bytes, found.smallest_failed) == (1 << 20, 1_100_000)
    assert found.since == datetime(2009, 1, 8, 22, tzinfo=UTC)
    assert found.first_failed_at == datetime(2009, 1, 8, 22, 3, tzinfo=UTC)
    assert (found.hit, found.smaller, found.earlier) == (Share(48, 48), Share(0, 72), Share(0, 96))
    assert list(found.elsewhere.values()) == [Share(0, 48), Share(0, 48)]
    assert list(told(found)) == [
        (
            "hub1, SendConn to relay1:25: 48 of 48 messages of 1,048,576 bytes or more failed since"
            " 2009-01-08 22:00 UTC"
        ),
        (
            "of those that failed, the smallest has 1,100,000 bytes, the first is of"
            " 2009-01-08 22:03:00 UTC"
        ),
        "of the smaller ones since then: 0 of 72",
        "before that, of that size: 0 of 96",
        "hub2, SendConn to relay2:25 of that size since then: 0 of 48",
        "hub3, SendConn to relay3:25 of that size since then: 0 of 48",
    ]


@pytest.mark.parametrize("size_matters", [True, False])
@pytest.mark.parametrize("time_matters", [True, False])
def test_only_what_matters_is_told(size_matters: bool, time_matters: bool) -> None:  # noqa: FBT001 - cases
    """A size or a moment is named only where it sets the failures apart."""
    found = _only(_hubs(size_matters=size_matters, time_matters=time_matters))

    assert (found.from_bytes is not None) == size_matters
    assert (found.since is not None) == time_matters
    text = " ".join(told(found))
    assert (" bytes or more" in text) == size_matters
    assert (" since 2009" in text) == time_matters


def test_failures_here_and_there() -> None:
    """Failures without a pattern are told as they are; fewer than three are not told."""
    attempts = Attempts()
    for number in range(300):
        attempts.add("hub", _message(number, accepted=number % 7 != 0, size=_SIZES[number % 5]))
    found = _only(attempts)
    assert (found.from_bytes, found.since, found.hit) == (None, None, Share(43, 300))
    assert list(told(found)) == [
        "hub, SendConn to relay1:25: 43 of 300 messages failed",
        "no other way to compare it with: no messages",
    ]

    few = Attempts()
    for number in range(2):
        few.add("hub", _message(number, accepted=False, size=None))
    assert list(apart(few)) == []


def test_the_figures_hold() -> None:
    """What was accepted before the first failure, or a little smaller, is among the figures."""
    attempts = Attempts()
    for number in range(180):
        large = (1_150_000, 1_060_000)[number % 4 == 2]
        size = large if number % 2 == 0 else 3_000
        accepted = size < 1_100_000 or number < 90
        attempts.add("hub", _message(number, accepted=accepted, size=size))
    first, edge, *figures = told(_only(attempts))
    assert "22 of 60 messages of 1,048,576 bytes or more failed since 2009-01-08 19:00" in first
    assert edge.endswith("has 1,150,000 bytes, the first is of 2009-01-08 19:32:00 UTC")
    assert figures[:2] == [
        "of the smaller ones since then: 0 of 60",
        "before that, of that size: 0 of 30",
    ]


@pytest.mark.parametrize("messages", [6, 10, 20])
def test_chance(messages: int) -> None:
    """Of a few messages of which every second fails blindly, no size and no moment is named."""
    chosen = random.Random(1)  # noqa: S311 - no secret
    named = 0
    for _ in range(200):
        attempts = Attempts()
        for number in range(messages):
            size, accepted = chosen.randrange(1, 1 << 24), chosen.random() < 0.5
            attempts.add("hub", _message(number * 30, accepted=accepted, size=size))
        named += any(found.from_bytes or found.since for found in apart(attempts))
    assert named <= 2


def test_many_other_ways() -> None:
    """Of many ways a few are named, the others together."""
    attempts = Attempts()
    for relay in range(9):
        for number in range(3):
            accepted = relay > 0
            message = _message(number, accepted=accepted, size=None, relay=f"r{relay}:25")
            attempts.add("hub", message)
    assert list(told(_only(attempts)))[-1] == "3 other ways together: 0 of 9"


def _all(attempts: Attempts) -> Iterator[tuple[str | None, str | None, int, int]]:
    for group in groups(attempts, ("relay", "size")):
        yield group.relay, group.size, group.messages, group.failed


def test_groups() -> None:
    """Groups have the counts of their messages, that with most failures first."""
    found = groups(_hubs(), ("site", "size"))

    assert (found[0].site, found[0].size) == ("hub1", "1 to 4 MB")
    assert (found[0].messages, found[0].failed, found[0].failed_percent) == (72, 24, 33.3)
    assert (found[0].smallest_failed_bytes, found[0].largest_accepted_bytes) == (1_100_000,) * 2
    assert found[0].last_accepted_at == datetime(2009, 1, 8, 21, 58, tzinfo=UTC)
    assert found[0].first_failed_at == datetime(2009, 1, 8, 22, 3, tzinfo=UTC)
    assert (found[0].relay, found[0].connector) == (None, None)
    assert len(found) == 12
    assert sum(group.messages for group in found) == 3 * 360


@pytest.mark.parametrize(
    ("size", "name"),
    [
        (None, "unknown"),
        (0, "unknown"),
        (1, "under 64 KB"),
        (65_535, "under 64 KB"),
        (65_536, "64 KB to 1 MB"),
        (1 << 20, "1 to 4 MB"),
        (1 << 24, "16 MB and more"),
        (10**14, "16 MB and more"),
    ],
)
def test_classes_of_sizes(size: int | None, name: str) -> None:
    """A message is in the class of its announced size, also at the edges."""
    attempts = Attempts()
    attempts.add("hub", _message(0, accepted=True, size=size))
    assert [group.size for group in groups(attempts, ("size",))] == [name]
    assert size_class(None) == "unknown"


def test_a_peer_without_its_port() -> None:
    """Who sends to us is one, whichever port it comes from."""
    attempts = Attempts()
    for port in (1, 2):
        peer = f"192.0.2.1:{port}"
        attempts.add("hub", _message(port, accepted=True, size=9, relay=peer, kind="receive"))
    assert list(_all(attempts)) == [("192.0.2.1", "under 64 KB", 2, 0)]


def test_more_than_memory_holds() -> None:
    """Of too many periods two become one, of too many relays the rest; no message is lost."""
    attempts = Attempts(most_cells=10)
    for number in range(1_200):
        accepted = number % 2 == 0
        attempts.add("hub", _message(number * 60, accepted=accepted, size=9))
    assert len(attempts.cells) <= 10
    assert attempts.period_s > 3600
    assert list(_all(attempts)) == [("relay1:25", "under 64 KB", 1200, 600)]

    attempts = Attempts()
    for number in range(1_005):
        attempts.add("hub", _message(0, accepted=True, size=9, relay=f"r{number}:25"))
    counts = {relay: messages for relay, _, messages, _ in _all(attempts)}
    assert (len(counts), counts[OTHERS]) == (1_001, 5)
