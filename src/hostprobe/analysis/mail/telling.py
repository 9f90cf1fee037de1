"""What sets failures apart, in sentences."""

from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.mail.apart import Apart, Share
from hostprobe.analysis.mail.attempts import Stream

_MOST_NAMED: Final = 5


def told(found: Apart) -> Iterator[str]:
    """A headline with the figures, then those to compare them with; no cause is guessed."""
    large = f" of {found.from_bytes:,} bytes or more" if found.from_bytes else ""
    since = f" since {found.since:%Y-%m-%d %H:%M} UTC" if found.since else ""
    yield f"{_way(found.stream)}: {found.hit} messages{large} failed{since}"
    yield from _edge(found)
    then = " since then" if since else ""
    if large and found.smaller.messages:
        yield f"of the smaller ones{then}: {found.smaller}"
    if since and found.earlier.messages:
        yield f"before that, of {'that size' if large else 'all'}: {found.earlier}"
    yield from _elsewhere(found, f"{' of that size' if large else ''}{then}")


def _edge(found: Apart) -> Iterator[str]:
    """Where exactly it begins: sizes are counted in steps, and moments by the hour."""
    edges = []
    if found.smallest_failed:
        edges.append(f"the smallest has {found.smallest_failed:,} bytes")
    if found.first_failed_at:
        edges.append(f"the first is of {found.first_failed_at:%Y-%m-%d %H:%M:%S} UTC")
    if edges:
        yield f"of those that failed, {', '.join(edges)}"


def _elsewhere(found: Apart, such: str) -> Iterator[str]:
    ranked = sorted(found.elsewhere.items(), key=lambda pair: -pair[1].failed)
    if not ranked:
        yield f"no other way to compare it with: no messages{such}"
    for stream, share in ranked[:_MOST_NAMED]:
        yield f"{_way(stream)}{such}: {share}"
    if rest := ranked[_MOST_NAMED:]:
        both = Share(sum(s.failed for _, s in rest), sum(s.messages for _, s in rest))
        yield f"{len(rest)} other ways together{such}: {both}"


def _way(stream: Stream) -> str:
    return f"{stream.site}, {stream.connector} to {stream.relay}"
