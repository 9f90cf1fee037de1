"""Deadlines and the bell."""

import threading

import pytest

from hostprobe.transport.psexec.deadline import Deadline, StoppedByUser


def test_time_left_is_what_was_given() -> None:
    """A fresh deadline has nearly all of its time, and never more."""
    assert 99 < Deadline(100).left() <= 100


@pytest.mark.parametrize("seconds", [0, -5])
def test_a_deadline_that_is_over_says_so(seconds: float) -> None:
    """No time left is a TimeoutError, also for a pause."""
    over = Deadline(seconds)
    with pytest.raises(TimeoutError):
        over.left()
    with pytest.raises(TimeoutError):
        over.pause(1000)


def test_the_sooner_of_two_holds() -> None:
    """A step's deadline ends with the host's."""
    host = Deadline(100)
    assert host.sooner(5).left() <= 5
    assert 99 < host.sooner(5000).left() <= 100


def test_a_pause_ends_with_the_deadline() -> None:
    """A long pause is cut short, and says that the time is over."""
    with pytest.raises(TimeoutError):
        Deadline(0.001).pause(1000)


def test_a_pause_within_the_deadline_comes_back() -> None:
    """A short pause is just a pause, with a bell and without."""
    Deadline(100).pause(0.001)
    Deadline(100, threading.Event()).pause(0.001)


def test_the_bell_ends_everything_but_what_starts_anew() -> None:
    """Once it rings, deadlines and pauses are over at once; the clean-up's own is not."""
    bell = threading.Event()
    host = Deadline(100, bell)
    bell.set()
    for over in (host, host.sooner(5)):
        with pytest.raises(StoppedByUser):
            over.left()
        with pytest.raises(StoppedByUser):
            over.pause(1000)
    assert 19 < host.anew(20).left() <= 20
