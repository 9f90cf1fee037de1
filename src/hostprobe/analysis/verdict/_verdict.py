"""The verdict on a conversation: the questions in their order, and what they found in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from hostprobe.analysis.verdict import (
    bad_replies,
    both_sides,
    encryption,
    loss,
    missing_replies,
    name,
    opening,
    path_size,
    readable,
    reset,
    slow_replies,
    window,
)
from hostprobe.analysis.verdict._conversation import Conversation
from hostprobe.analysis.verdict._exchange import Exchange
from hostprobe.analysis.verdict._finding import Evidence, Finding, Question, Scene, seconds
from hostprobe.analysis.verdict._smb2 import Smb2
from hostprobe.analysis.verdict._texts import Outcome, bounded, pages

QUESTIONS: Final[Mapping[str, Question]] = {
    "both_sides": both_sides.QUESTION,
    "name": name.QUESTION,
    "opening": opening.QUESTION,
    "path_size": path_size.QUESTION,
    "loss": loss.QUESTION,
    "reset": reset.QUESTION,
    "window": window.QUESTION,
    "encryption": encryption.QUESTION,
    "bad_replies": bad_replies.QUESTION,
    "missing_replies": missing_replies.QUESTION,
    "slow_replies": slow_replies.QUESTION,
    "readable": readable.QUESTION,
}
"""In the order in which they are asked, from the network up; the first finding is the verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a conversation, and how that is known. Its texts may hold hostile words.

    Attributes:
        client_address: Who began it.
        server_address: The other end.
        client_port: None where a client used many, as with names.
        protocol: What was spoken.
        started_at: When its first frame was captured, by the clock of who captured it.
        duration_s: To its last frame.
        verdict: The kind of trouble.
        code: The page of `texts.toml`.
        layer: Of the OSI model, where the trouble is.
        headline: It in a few words.
        meaning: It in a paragraph.
        evidence: Frames, each with what it shows.
        ruled_out: What is ruled out, by which figure.
        look_next: Where to look, the likeliest first.
        look_not: Where not to look.
        frames: How many there are in the capture.
        bytes_to_server: Payload, without what was sent again.
        bytes_to_client: As `bytes_to_server`.
        rtt_s: How long there and back takes; None where the handshake was not seen.
        resent: Frames that were sent again.
        stalled_s: Waited for what was lost.
        zero_windows: Frames that say that no more is taken.
        closed_s: How long no more was taken.
        resets: Frames that reset it.
        answered: Requests with a reply.
        slowest_s: The longest that a reply took; None without any.
        closed_by: Who first closed or reset it; None where nobody did, or it is no TCP.
        closed_frame: In which frame.
        log_file: The mail log that has it too; None without one, and so for all of the log.
        log_first_line: The number of its first line there.
        log_last_file: Where its last line is: logs go on in the next file.
        log_last_line: The number of that.
        log_session: Its ID there.
        clock_difference_s: How far the log's clock is ahead of the capture's.
        log: What the log says, with its lines.
        contradictions: Where log and capture do not say the same.
    """

    client_address: str
    client_port: int | None
    server_address: str
    server_port: int
    protocol: str
    started_at: datetime
    duration_s: float
    verdict: Outcome
    code: str
    layer: int | None
    headline: str
    meaning: str
    evidence: tuple[str, ...]
    ruled_out: tuple[str, ...]
    look_next: tuple[str, ...]
    look_not: tuple[str, ...]
    frames: int
    bytes_to_server: int
    bytes_to_client: int
    rtt_s: float | None
    resent: int
    stalled_s: float
    zero_windows: int
    closed_s: float
    resets: int
    answered: int
    slowest_s: float | None
    closed_by: Literal["client", "server"] | None
    closed_frame: int | None
    log_file: str | None = None
    log_first_line: int | None = None
    log_last_file: str | None = None
    log_last_line: int | None = None
    log_session: str | None = None
    clock_difference_s: float | None = None
    log: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()


def judge(seen: Conversation, scene: Scene) -> Verdict:
    """The verdict on a conversation of which there is no more."""
    if seen.talk:
        seen.talk.close()
    ruled_out: list[str] = []
    for question in QUESTIONS.values():
        finding = question.ask(seen, scene)
        if finding:
            return _made(seen, scene, finding, ruled_out)
        if told := question.ruled_out(seen):
            ruled_out.append(told)
    return _made(seen, scene, _healthy(seen), ruled_out)


def judge_all(seen: Iterable[Conversation], scene: Scene) -> tuple[Verdict, ...]:
    """The verdict on each conversation, in their order."""
    seen = tuple(seen)
    scene = replace(scene, both_ways=both_sides.captured_both_ways(seen))
    return tuple(judge(one, scene) for one in seen)


def _healthy(seen: Conversation) -> Finding:
    talk = seen.talk
    count = talk.answered if talk else 0
    slowest = talk.slowest if talk else []
    words = {
        "answered": f" ({count} replies)" if count > 1 else "",
        "bad": _bad(talk.notes if talk else []) + _lost(seen) + _unread(seen),
    }
    evidence = tuple(
        Evidence(one.asked.frame, f"{one.name}: reply after {seconds(one.waited_s)}")
        for one in slowest
    )
    return Finding("healthy", words, evidence)


def _bad(notes: list[Exchange]) -> str:
    if not notes:
        return ""
    first = notes[0]
    frame = first.reply.frame if first.reply else 0
    more = f" and {len(notes) - 1} more" if len(notes) > 1 else ""
    return f" Some replies were bad and ended nothing: {first.words} in frame {frame}{more}."


def _lost(seen: Conversation) -> str:
    lost = seen.asker.unseen or seen.giver.unseen
    return f" The capture lost frames (see frame {lost.frame}): not all was seen." if lost else ""


def _unread(seen: Conversation) -> str:
    """What layer 7 carries, and is not read here."""
    if not isinstance(seen.talk, Smb2):
        return ""
    return " What SMB2 carries in its pipes (remote calls, such as of services) was not read."


def _made(seen: Conversation, scene: Scene, finding: Finding, ruled_out: Iterable[str]) -> Verdict:
    page = pages()[finding.code]
    words = {key: bounded(text) for key, text in finding.words.items()}
    slowest = seen.talk.slowest if seen.talk else []
    asker, giver = seen.asker, seen.giver
    closer = seen.closer
    return Verdict(
        client_address=seen.client[0],
        client_port=seen.client[1] if seen.is_tcp else None,
        server_address=seen.server[0],
        server_port=seen.server[1],
        protocol=seen.protocol,
        started_at=datetime.fromtimestamp(seen.first.at, UTC),
        duration_s=round(seen.last.at - seen.first.at, 6),
        verdict=page.outcome,
        code=finding.code,
        layer=page.layer,
        headline=page.headline.format_map(words),
        meaning=page.meaning.format_map(words),
        evidence=tuple(f"frame {one.frame}: {bounded(one.text)}" for one in finding.evidence),
        ruled_out=tuple(ruled_out),
        look_next=tuple(text.format_map(words) for text in page.look_next),
        look_not=tuple(text.format_map(words) for text in page.look_not),
        frames=asker.frames + giver.frames,
        bytes_to_server=asker.payload_bytes,
        bytes_to_client=giver.payload_bytes,
        rtt_s=round(seen.rtt_s, 6) or None,
        resent=asker.resent + giver.resent,
        stalled_s=round(asker.stalled_s + giver.stalled_s, 6),
        zero_windows=asker.zero_windows + giver.zero_windows,
        closed_s=round(window.both_closed_s(seen, scene), 6),
        resets=asker.resets + giver.resets,
        answered=seen.talk.answered if seen.talk else 0,
        slowest_s=round(slowest[0].waited_s, 6) if slowest else None,
        closed_by=closer[0] if closer else None,
        closed_frame=closer[1].frame if closer else None,
    )
