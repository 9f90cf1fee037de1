"""What sets messages that fail apart: their size, a moment, the connector, the relay, the site."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp, lgamma
from typing import Final, TypeAlias, TypeVar

from hostprobe.analysis.mail.attempts import (
    Attempts,
    Cell,
    Place,
    Stream,
    least_of_step,
    together,
)

_LEAST_FAILED: Final = 3
_MOST_WAYS: Final = 10
_CLEAR: Final = 0.7
_ABOUT: Final = 0.02
_CHANCE: Final = 0.02
_MOST_TERMS: Final = 1_000  # of a sum whose terms become smaller and smaller

_Cells: TypeAlias = Mapping[Place, Cell]
_Test: TypeAlias = Callable[[Place], bool]
Value = TypeVar("Value", int, datetime)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of so many messages failed."""

    failed: int
    messages: int

    def __str__(self) -> str:
        return f"{self.failed} of {self.messages}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Where messages fail on one way, and where not.

    Attributes:
        stream: The way.
        from_bytes: From this size on they fail, where only large ones do.
        smallest_failed: The size of the smallest that failed; None as `from_bytes`.
        since: From the beginning of this hour on they fail, where that had a beginning.
        first_failed_at: When the first did; None as `since`.
        hit: The messages of that size since then.
        smaller: The smaller ones since then.
        earlier: All of that size before.
        elsewhere: The same sizes since then on other ways.
    """

    stream: Stream
    from_bytes: int | None
    smallest_failed: int | None
    since: datetime | None
    first_failed_at: datetime | None
    hit: Share
    smaller: Share
    earlier: Share
    elsewhere: Mapping[Stream, Share]


def apart(attempts: Attempts) -> Iterator[Apart]:
    """One for each way on which at least three messages failed, that with most failures first.

    No more than the first ten.
    """
    ways = attempts.together(lambda place: place.stream)
    ranked = sorted(ways.items(), key=lambda way: -way[1].failed)[:_MOST_WAYS]
    for stream, cell in ranked:
        if cell.failed >= _LEAST_FAILED:
            yield _of(stream, attempts.cells, attempts.period_s)


def _of(stream: Stream, cells: _Cells, period_s: int) -> Apart:
    own = {place: cell for place, cell in cells.items() if place.stream == stream}
    size, period = _cut(own)
    is_large, is_late = _from_size(size), _from_period(period)
    hit = [cell for place, cell in own.items() if is_large(place) and is_late(place)]
    return Apart(
        stream=stream,
        from_bytes=least_of_step(size),
        smallest_failed=None if size is None else _least(cell.smallest_failed for cell in hit),
        since=None if period is None else datetime.fromtimestamp(period * period_s, UTC),
        first_failed_at=None if period is None else _least(cell.first_failed_at for cell in hit),
        hit=_share(hit),
        smaller=_share(c for place, c in own.items() if is_late(place) and not is_large(place)),
        earlier=_share(c for place, c in own.items() if is_large(place) and not is_late(place)),
        elsewhere=_elsewhere(stream, cells, lambda place: is_large(place) and is_late(place)),
    )


def _elsewhere(stream: Stream, cells: _Cells, is_hit: _Test) -> dict[Stream, Share]:
    others = [(p, cell) for p, cell in cells.items() if p.stream != stream and is_hit(p)]
    ways = together(others, lambda place: place.stream)
    return {way: _share([cell]) for way, cell in ways.items()}


def _cut(cells: _Cells) -> tuple[int | None, int | None]:
    """The size and the period from which on messages fail; None where that makes no difference.

    The pair that holds most of the failures and fewest of the others, if it holds seven tenths more
    of those than of these, and chance would hardly make one of all pairs that good. Of the two, one
    alone will do where it is about as good.
    """
    totals = _sums(cells.items())
    if not all(totals):
        return None, None
    leads = {
        (size, period): lead
        for size in (None, *sorted({p.size for p in cells if p.size is not None}))
        for period, lead in _leads(cells, _from_size(size), totals)
    }
    best = max(leads, key=lambda cut: leads[cut])
    if leads[best] < _CLEAR:
        return None, None
    size, period = best
    enough = leads[best] - _ABOUT
    if leads.get((None, period), 0) >= enough:
        size = None
    elif leads.get((size, None), 0) >= enough:
        period = None
    hit = _sums(_within(cells.items(), size, period))
    tried = len(set(leads.values()))  # pairs that differ in what they hold
    return (None, None) if _chance(hit, totals) * tried > _CHANCE else (size, period)


def _chance(hit: tuple[int, int], totals: tuple[int, int]) -> float:
    """How likely so many messages, drawn blindly, have as many failures as they have, or more."""
    (failed, accepted), (all_failed, all_accepted) = hit, totals
    drawn, most = failed + accepted, min(all_failed, failed + _MOST_TERMS)
    ways = _log_ways(all_failed + all_accepted, drawn)
    return sum(
        exp(_log_ways(all_failed, count) + _log_ways(all_accepted, drawn - count) - ways)
        for count in range(failed, min(drawn, most) + 1)
    )


def _log_ways(every: int, drawn: int) -> float:
    """The logarithm of how many ways there are to draw so many of them."""
    return lgamma(every + 1) - lgamma(drawn + 1) - lgamma(every - drawn + 1)


def _within(
    cells: Iterable[tuple[Place, Cell]], size: int | None, period: int | None
) -> Iterator[tuple[Place, Cell]]:
    is_large, is_late = _from_size(size), _from_period(period)
    return ((place, cell) for place, cell in cells if is_large(place) and is_late(place))


def _leads(
    cells: _Cells, is_large: _Test, totals: tuple[int, int]
) -> Iterator[tuple[int | None, float]]:
    """For each period, how much more of the failures than of the others are from it on."""
    large = [(place, cell) for place, cell in cells.items() if is_large(place)]
    failed, accepted = _sums(large)
    yield None, failed / totals[0] - accepted / totals[1]
    for period, cell in sorted(together(large, lambda place: place.period).items()):
        yield period, failed / totals[0] - accepted / totals[1]
        failed, accepted = failed - cell.failed, accepted - cell.accepted


def _from_size(size: int | None) -> _Test:
    return lambda place: size is None or (place.size is not None and place.size >= size)


def _from_period(period: int | None) -> _Test:
    return lambda place: period is None or place.period >= period


def _sums(cells: Iterable[tuple[Place, Cell]]) -> tuple[int, int]:
    """The failed and the accepted."""
    found = [(cell.failed, cell.accepted) for _, cell in cells]
    return sum(failed for failed, _ in found), sum(accepted for _, accepted in found)


def _share(cells: Iterable[Cell]) -> Share:
    every = list(cells)
    return Share(sum(cell.failed for cell in every), sum(cell.messages for cell in every))


def _least(values: Iterable[Value | None]) -> Value | None:
    return min((value for value in values if value is not None), default=None)
