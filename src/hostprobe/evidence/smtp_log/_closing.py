"""What is known of a session, as the record that it makes."""

import functools
from collections.abc import Callable
from typing import Final

from hostprobe.evidence.smtp_log._fields import data_and_context, text
from hostprobe.evidence.smtp_log._record import (
    SIDES,
    Kind,
    Message,
    Outcome,
    Place,
    Session,
    Side,
    moment,
)
from hostprobe.evidence.smtp_log._secrets import masked, masked_reply
from hostprobe.evidence.smtp_log._state import State

_KEPT: Final = 4096  # texts, of which many come again and again
_CLOSERS: Final[dict[str, Side]] = {"local": "local", "remote": "remote"}


def session(state: State, kind: Kind, place: Callable[[int], Place], last_at: int) -> Session:
    """The record of a session as it stands.

    Args:
        state: What is known of it.
        kind: Of the log.
        place: What a place in the state means.
        last_at: The end of the log so far.
    """
    closed_by, reason = _end(state.end)
    awaited = _awaited(state)
    end = state.at if state.has_ended else last_at
    awaited_s = max(end - state.due_at, 0) / 1000 if awaited else 0.0
    return Session(
        kind=kind,
        session_id=text(state.session_id),
        connector=_known(state.connector),
        local=text(state.local) or None,
        peer=_known(state.remote) or None,
        started_at=moment(state.started_at),
        last_at=moment(state.at),
        has_ended=state.has_ended,
        last_command=_command(state) or None,
        last_reply=_replied(state.reply) or None,
        awaited=awaited,
        awaited_s=awaited_s,
        silent_s=0.0 if state.has_ended else max(last_at - state.at, 0) / 1000,
        wait_s=awaited_s if awaited and state.has_ended else max(state.gap, 0) / 1000,
        longest_wait_s=state.longest / 1000,
        longest_wait=place(state.longest_place) if state.longest else None,
        waited_for=closed_by if state.longest_event == b"-" else SIDES.get(state.longest_event),
        closed_by=closed_by,
        reason=reason,
        outcome=_outcome(state, awaited),
        problem=_replied(state.problem) or None,
        accepted=state.accepted,
        failed=state.failed,
        largest_bytes=max(state.largest, state.size, state.chunks) or None,
        first=place(state.first_place),
        last=place(state.last_place),
        asked=place(state.command_place) if state.command else None,
        replied=place(state.reply_place) if state.reply else None,
        objected=place(state.problem_place) if state.problem else None,
    )


def message(state: State, kind: Kind, *, is_accepted: bool) -> Message:
    """The record of the message whose fate was just decided."""
    return Message(
        kind=kind,
        connector=_known(state.connector),
        peer=_known(state.remote) or None,
        at=moment(state.at),
        size_bytes=state.decided or None,
        accepted=is_accepted,
    )


def _command(state: State) -> str:
    """The last command without what is secret in it."""
    return _masked(state.command, in_log_in=state.is_secret)


@functools.lru_cache(_KEPT)
def _masked(rest: bytes, *, in_log_in: bool) -> str:
    return masked(_said(rest), in_log_in=in_log_in)


@functools.lru_cache(_KEPT)
def _replied(rest: bytes) -> str:
    return masked_reply(_said(rest))


@functools.lru_cache(_KEPT)
def _known(field: bytes) -> str:
    return text(field)


@functools.lru_cache(_KEPT)
def _said(rest: bytes) -> str:
    """What was said in a line, or else what the log says about it."""
    data, context = data_and_context(rest)
    return text(data) or text(context)


@functools.lru_cache(_KEPT)
def _end(rest: bytes) -> tuple[Side | None, str | None]:
    """Who closed it, and what more the log says, as in `Remote(SocketError)`."""
    said = text(data_and_context(rest)[1])
    side, _, more = said.partition("(")
    closed_by = _CLOSERS.get(side.lower())
    return closed_by, (more.removesuffix(")") if closed_by else said) or None


def _awaited(state: State) -> str | None:
    """The reply that was due when the session ended, or due now."""
    if state.is_unconnected:
        return "connect"
    if state.sent and not state.before_sent:
        return state.sent
    if state.outstanding:
        return (_command(state).split() or ["?"])[0].upper()[:20]
    if not state.reply and not state.command:
        return "greeting" if state.is_connected else "connect"
    return None


def _outcome(state: State, awaited: str | None) -> Outcome:
    if state.is_unconnected:
        return "not_connected"
    if not state.has_ended:
        return "connecting" if awaited in {"connect", "greeting"} else "open"
    if awaited == "connect":
        return "not_connected"
    if awaited not in {None, "QUIT"}:
        return "no_reply"
    return _answered_outcome(state)


def _answered_outcome(state: State) -> Outcome:
    if state.failed:
        return "refused"
    if state.accepted:
        return "accepted"
    if state.has_tls_failed:
        return "tls_failed"
    if state.problem:
        return "refused"
    return "no_message" if state.has_quit else "dropped"
