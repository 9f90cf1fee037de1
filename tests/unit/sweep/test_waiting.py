"""Whose turn it is."""

from hostprobe.inventory.targets import Target
from hostprobe.sweep._waiting import Waiting


def _all(waiting: Waiting) -> list[str]:
    taken = []
    while target := waiting.take():
        taken.append(target.host)
    return taken


def test_first_come_first_served() -> None:
    """Without sites and limits targets are taken in the order they came."""
    waiting = Waiting(None)
    for name in "abc":
        waiting.add(Target(name))
    assert len(waiting) == 3
    assert _all(waiting) == ["a", "b", "c"]
    assert len(waiting) == 0


def test_sites_take_turns() -> None:
    """A site with many hosts does not hold up the others."""
    waiting = Waiting(None)
    for name, site in (("a", "rome"), ("b", "rome"), ("c", "rome"), ("x", "bonn")):
        waiting.add(Target(name, site=site))
    assert _all(waiting) == ["a", "x", "b", "c"]


def test_a_full_site_waits() -> None:
    """Where a site has its number at work, the next comes when one of them is done."""
    waiting = Waiting(1)
    targets = [Target(name, site="rome") for name in "ab"]
    for target in (*targets, Target("free"), Target("free2")):
        waiting.add(target)
    assert _all(waiting) == ["a", "free", "free2"]
    waiting.done(targets[0])
    assert _all(waiting) == ["b"]


def test_what_is_left_can_be_taken_at_once() -> None:
    """Draining ignores the limits, and leaves nothing."""
    waiting = Waiting(1)
    for name in "abc":
        waiting.add(Target(name, site="rome"))
    waiting.take()
    assert [target.host for target in waiting.drain()] == ["b", "c"]
    assert len(waiting) == 0
