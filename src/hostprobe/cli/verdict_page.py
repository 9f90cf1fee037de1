"""Verdicts as a person reads them: a paragraph, the evidence, what it was not, where to look."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.verdict import Outcome, Verdict, seconds
from hostprobe.cli.exit_codes import VERDICTS
from hostprobe.cli.judging import Judged
from hostprobe.cli.wrapping import wrapped

MOST: Final = 10
"""So many conversations in trouble are told of one by one; --all tells of each."""

_WORDS: Final[dict[Outcome, str]] = {
    "network": "broken in the network",
    "tls": "broken in TLS",
    "application": "broken in the application",
    "slow": "slow",
    "cannot_judge": "cannot be judged",
    "healthy": "healthy",
}


def page(judged: Judged, *, every: bool) -> Iterator[str]:
    """The lines about one capture."""
    verdicts = sorted(judged.verdicts, key=lambda one: list(VERDICTS).index(one.verdict))
    yield from _wrapped(_summary(judged))
    for text in judged.logs:
        yield from _wrapped(text, "Log ", "  ")
    told = verdicts if every else _worth_telling(verdicts)
    for one in told:
        yield ""
        yield from _paragraphs(one)
    if left := verdicts[len(told) :]:
        yield ""
        yield from _wrapped(_rest(left))


def _summary(judged: Judged) -> str:
    counts = Counter(one.verdict for one in judged.verdicts)
    kinds = [f"{counts[kind]:,} {told}" for kind, told in _WORDS.items() if counts[kind]]
    told = f": {', '.join(kinds)}" if kinds else ""
    frames = f"{_counted(judged.frames, 'frame')} in {seconds(judged.duration_s)}"
    return f"{judged.path.name}: {frames}, {_counted(len(judged.verdicts), 'conversation')}{told}."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _worth_telling(verdicts: list[Verdict]) -> list[Verdict]:
    """Those in trouble; where none is, the first, so that something is said of what was seen."""
    troubled = [one for one in verdicts if one.verdict not in {"healthy", "cannot_judge"}]
    return troubled[:MOST] or verdicts[:1]


def _paragraphs(one: Verdict) -> Iterator[str]:
    layer = f"Layer {one.layer} ({one.protocol}): " if one.layer else ""
    yield from _wrapped(layer + one.headline)
    port = "" if one.client_port is None else f":{one.client_port}"
    started = one.started_at.strftime("%Y-%m-%d %H:%M:%S")
    ends = f"{_host(one.client_address)}{port} -> {_host(one.server_address)}:{one.server_port}"
    yield f"  {ends}, {started} UTC, {seconds(one.duration_s)}"
    yield from _wrapped(one.meaning, "  ", "  ")
    for text in one.evidence:
        yield from _wrapped(text, "    ", "      ")
    for text in one.log:
        yield from _wrapped(text, "  Log: ", "    ")
    for text in one.contradictions:
        yield from _wrapped(text, "  They disagree on ", "    ")
    for label, texts, joint in (
        ("Ruled out: ", one.ruled_out, ", "),
        ("Look next: ", one.look_next, " "),
        ("Not at: ", one.look_not, ", "),
    ):
        if texts:
            yield from _wrapped(_sentence(joint.join(texts)), f"  {label}", "    ")


def _rest(left: list[Verdict]) -> str:
    counts = Counter((one.verdict, one.headline.rstrip(".")) for one in left)
    kinds = [f"{count} x {headline}" for (_, headline), count in counts.most_common()]
    return f"Not told here: {'; '.join(kinds)}. --all tells of each."


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    return wrapped(text, first, rest, breaks=True)
