"""What a question finds, and what a question is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._exchange import Exchange
from hostprobe.analysis.verdict._side import Mark
from hostprobe.analysis.verdict._smtp import GREETING


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of the capture as a whole.

    Attributes:
        ends_at: When its last frame was captured.
        is_cut: The file ends in the middle.
        both_ways: Some conversation in it has both sides; False where those that go beyond a call
            have but one; None where nothing tells.
    """

    ends_at: float
    is_cut: bool = False
    both_ways: bool | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A frame, and what it shows."""

    frame: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to a question that ends the asking.

    Attributes:
        code: The page of `texts.toml` about it.
        words: What stands in the braces there.
        evidence: The frames that show it.
    """

    code: str
    words: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to a conversation; the first that finds something ends the asking.

    Attributes:
        ask: What it finds; None where all is well in this respect.
        ruled_out: What is ruled out then, and by which figure; None where that says nothing.
    """

    ask: Callable[[Conversation, Scene], Finding | None]
    ruled_out: Callable[[Conversation], str | None] = lambda _conversation: None


def seconds(duration_s: float) -> str:
    """A duration as a person reads it."""
    if duration_s < 0.001:
        return f"{duration_s * 1000:.2f} ms" if duration_s >= 0.000_005 else "0 s"
    if duration_s < 0.1:
        return f"{duration_s * 1000:.1f} ms"
    for unit_s, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if duration_s >= 2 * unit_s:
            return f"{duration_s / unit_s:.1f} {unit}"
    return f"{duration_s:.1f} s"


def asked(exchange: Exchange) -> Evidence:
    """Where a request was sent, or a greeting was due, which nobody has to ask for."""
    text = "the connection stands; the server has to greet"
    told = text if exchange.name == GREETING else f"{exchange.name} is sent"
    return Evidence(exchange.asked.frame, told)


def request(exchange: Exchange) -> str:
    """What was replied to, in words."""
    return "the new connection" if exchange.name == GREETING else exchange.name


def shown(mark: Mark | None, text: str) -> tuple[Evidence, ...]:
    """One frame as evidence, where there is one."""
    return (Evidence(mark.frame, text),) if mark else ()
