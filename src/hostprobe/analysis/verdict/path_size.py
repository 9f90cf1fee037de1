"""Do full-size packets pass? A path that drops them, while small ones pass."""

from typing import Final

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._finding import Evidence, Finding, Question, Scene, shown
from hostprobe.analysis.verdict._side import Side

TRIES: Final = 2
"""So often a full-size segment was sent again, for nothing."""

FULL_BYTES: Final = 1000
"""A payload from here on is that of a large packet."""


def _ask(seen: Conversation, _scene: Scene) -> Finding | None:
    for name, side, other in (
        ("client", seen.asker, seen.giver),
        ("server", seen.giver, seen.asker),
    ):
        if side.stuck >= TRIES and side.stuck_bytes >= FULL_BYTES and _passes(seen, side, other):
            return _found(seen, name, side)
    return None


def _passes(seen: Conversation, side: Side, other: Side) -> bool:
    """Whether small packets still pass, and large ones never did."""
    if any(error.too_big for _, error in seen.errors):
        return True
    if side.large_taken:  # so the path is wide enough: it loses packets, or the host has gone
        return False
    return side.is_heard_since(other) and other.closed_since is None and other.reset is None


def _found(seen: Conversation, name: str, side: Side) -> Finding:
    size = f"{side.stuck_bytes:,} bytes"
    first = shown(side.stuck_since, f"the {name} sends {size} again; nobody has taken them")
    last = shown(side.stuck_last, f"the last of {side.stuck} times")
    told = tuple(
        Evidence(mark.frame, f"{error.sender} says: too big, {_fits(error.mtu)}")
        for mark, error in seen.errors[:1]
        if error.too_big
    )
    words = {"who": name, "size": size, "tries": str(side.stuck)}
    return Finding("path_size", words, (*told, *first, *last))


def _fits(mtu: int | None) -> str:
    return f"{mtu} bytes fit" if mtu else "without the size that fits"


def _ruled_out(seen: Conversation) -> str | None:
    taken = max(0, seen.giver.acknowledged - 1), max(0, seen.asker.acknowledged - 1)
    lowered = next((mark.frame for mark, error in seen.errors if error.too_big), None)
    is_wide = seen.asker.large_taken or seen.giver.large_taken
    if not is_wide and not (lowered and max(taken) >= FULL_BYTES):
        return None
    told = f"; frame {lowered} lowered the size, and it went on" if lowered else ""
    return f"path MTU ({taken[0]:,} bytes to the server and {taken[1]:,} back were taken{told})"


QUESTION: Final = Question(ask=_ask, ruled_out=_ruled_out)
