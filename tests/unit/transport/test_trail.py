"""What a trail keeps of the way to a host."""

import itertools

import pytest

from hostprobe.transport import trail
from hostprobe.transport.trail import Trail


def ticking() -> Trail:
    """A trail on whose clock each look is a second later."""
    return Trail(clock=map(float, itertools.count(100)).__next__)


def test_the_times_of_a_step_are_added_up() -> None:
    """A step that comes twice has the time of both; the last one lasts until it is asked for."""
    way = ticking()
    for step in ("connect", "log in", "connect"):
        way.at(step)
    assert way.seconds() == {"connect": 2, "log in": 1}
    assert way.now == "connect"


def test_an_untrodden_trail() -> None:
    """Before the first step there is none, and no time."""
    assert (Trail().now, Trail().seconds()) == ("", {})


def test_a_message_and_its_answer() -> None:
    """A message has the step that it was sent in, and what its answer brought."""
    way = ticking()
    way.at("upload")
    way.sent(7, command=9, size=80)
    way.answered(7, status=0, size=100, credits_granted=4)
    way.answered(8, status=0, size=100, credits_granted=4)
    (message,) = way.messages
    assert (message.step, message.command, message.bytes_out) == ("upload", 9, 80)
    assert (message.status, message.bytes_in, message.credits_granted) == (0, 100, 4)
    assert message.took_s == 1


def test_messages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that prints without end does not fill the memory."""
    monkeypatch.setattr(trail, "MOST_MESSAGES", 3)
    way = Trail()
    for ticket in range(5):
        way.sent(ticket, command=8, size=1)
        way.answered(ticket, status=0, size=1, credits_granted=1)
    assert len(way.messages) == 3


def test_only_the_start_is_heard() -> None:
    """Of messages in clear the first few are kept, of encrypted ones none; no SMB is odd."""
    way = Trail()
    for _ in range(20):
        way.heard(b"\xfeSMB in clear")
    way.heard(b"\xfdSMB sealed")
    assert len(way.hellos) == 8
    assert way.heard_at is not None
    assert way.odd == b""
    way.heard(b"\xffSMB of old")
    way.puzzled(b"SSH-2.0" * 100)
    assert way.odd == b"\xffSMB of old"
