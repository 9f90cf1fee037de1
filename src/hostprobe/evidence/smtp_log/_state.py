"""What is known of a session so far: a fixed amount, however long it is.

A handler takes what follows the event of a line, its last two fields, and returns what the line
brought about; most bring about nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from hostprobe.evidence.smtp_log._fields import data_and_context, text
from hostprobe.evidence.smtp_log._secrets import masked, unechoed

Effect: TypeAlias = Literal["accepted", "failed", "ended"]
Handler: TypeAlias = Callable[["State", bytes], Effect | None]

_KEPT: Final = 1000  # bytes of what a peer said: very many sessions may be open at once
_SIZE: Final = re.compile(rb"\bSIZE=(\d{1,15})", re.IGNORECASE)
_BDAT: Final = re.compile(rb'"?BDAT\s+(\d{1,15})(\s+LAST)?', re.IGNORECASE)
_UNCONNECTED: Final = re.compile(rb'(?:"|,"?)*Failed (?:to connect|connection to)\b')
# Not where it is in the name of a message, which its sender has chosen.
_FAILED: Final = re.compile(
    rb"(?:(?!\b(?:sending|receiving) message\b).)*?\b[Ff]ailed\b", re.DOTALL
)
_FINAL, _CHALLENGE, _LOGGED_IN, _SEND_MAIL, _ERROR = range(5)


@dataclass(slots=True)
class State:
    """A session whose end has not been read.

    Attributes:
        at: Time of its last line, in milliseconds since 1970, as all times here.
        gap: From the line before that.
        longest: Of all gaps, the place of the line that ended it, and that line's event. A place
            is a file and a line of it, in one number.
        command: What follows the event of the last command, and so of `reply` and `problem`;
            `command_place` and so on are where those are.
        outstanding: Commands without a reply.
        is_secret: What follows the event of the last command belongs to a log-in.
        due_at: Time since which the last reply that is due has been: of the last command, of 354.
        sent: What of a message was sent whose reply is due: its text (`message`) or last chunk
            (`BDAT`); `before_sent` replies are due before that one.
        in_transaction: Since MAIL.
        was_refused: Something in this transaction was.
        size: Of this transaction's message as `SIZE=` announced it; `chunks` as BDAT did.
        decided: The size of the last message whose fate is known; `largest` is that of all.
        was_cut: The session ended before it was known.
    """

    session_id: bytes
    connector: bytes
    remote: bytes
    first_place: int
    started_at: int
    at: int
    due_at: int
    local: bytes = b""
    last_place: int = 0
    command_place: int = 0
    reply_place: int = 0
    problem_place: int = 0
    gap: int = 0
    longest: int = 0
    longest_place: int = 0
    longest_event: bytes = b""
    command: bytes = b""
    reply: bytes = b""
    problem: bytes = b""
    end: bytes = b""
    sent: str = ""
    outstanding: int = 0
    before_sent: int = 0
    accepted: int = 0
    failed: int = 0
    size: int = 0
    chunks: int = 0
    decided: int = 0
    largest: int = 0
    in_auth: bool = False
    is_secret: bool = False
    in_transaction: bool = False
    was_refused: bool = False
    is_connected: bool = False
    is_unconnected: bool = False
    has_tls_failed: bool = False
    has_quit: bool = False
    has_ended: bool = False
    was_cut: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether it has come beyond its first lines."""
        return self.is_connected or bool(self.command or self.reply)


def handlers(*, commands: bytes, replies: bytes) -> Mapping[bytes, Handler]:
    """What to do with a line of each event.

    Args:
        commands: The event of a command.
        replies: The event of a reply.
    """
    return {
        commands: _command,
        replies: _reply,
        b"+": _connected,
        b"-": _disconnected,
        b"*": _information,
    }


def _command(state: State, rest: bytes) -> Effect | None:
    if not (state.in_auth and state.outstanding):  # what AUTH sends along is a part of it
        state.outstanding += 1
    state.command_place, state.due_at = state.last_place, state.at
    act = _VERBS.get(rest[:4].upper())
    effect = act(state, rest) if act else None
    state.is_secret = state.in_auth
    state.command = rest if len(rest) <= _KEPT else rest[:_KEPT]
    return effect


def _reply(state: State, rest: bytes) -> Effect | None:
    sort = _REPLIES.get(rest[:4])
    if sort is None:
        sort = _REPLIES.get(rest[1:5]) if rest[:1] == b'"' else None
        if sort is None:
            return None  # it goes on, or is no reply
    state.reply = rest if len(rest) <= _KEPT else rest[:_KEPT]
    state.reply_place = state.last_place
    if state.sent and not state.before_sent:
        state.sent = ""
        _decided(state, sort)
        return _counted(state, is_accepted=sort != _ERROR)
    if state.outstanding:
        state.outstanding -= 1
        if state.before_sent:
            state.before_sent -= 1
    if sort:
        _decided(state, sort)
    return None


def _decided(state: State, sort: int) -> None:
    """What a reply brings about that says more than "go on"."""
    state.in_auth = sort == _CHALLENGE
    if sort == _ERROR:
        state.problem = state.reply = _without_secrets(state)
        state.problem_place, state.was_refused = state.last_place, True
    elif sort == _SEND_MAIL and state.command[:4].upper() != b"XEXC":
        _send(state, "message")


def _send(state: State, what: str) -> None:
    """A message is under way; the reply to it comes after those to the commands before it."""
    _close_transaction(state)
    state.sent, state.before_sent, state.due_at = what, state.outstanding, state.at


def _without_secrets(state: State) -> bytes:
    """The reply, also where it repeats a command that belongs to a log-in."""
    command = text(data_and_context(state.command)[0])
    if masked(command, in_log_in=state.is_secret) == command:
        return state.reply
    return unechoed(state.reply.decode(errors="replace"), command).encode()


def _counted(state: State, *, is_accepted: bool) -> Effect:
    state.accepted += is_accepted
    state.failed += not is_accepted
    return "accepted" if is_accepted else "failed"


def _close_transaction(state: State) -> None:
    state.decided = state.size or state.chunks
    state.largest = max(state.largest, state.decided)
    state.size = state.chunks = 0
    state.in_transaction = state.was_refused = False


def _mail(state: State, rest: bytes) -> Effect | None:
    effect = _given_up(state, rest)
    found = _SIZE.search(rest)
    state.size = int(found[1]) if found else 0
    state.in_transaction, state.in_auth = True, False
    return effect


def _bdat(state: State, rest: bytes) -> Effect | None:
    if found := _BDAT.match(rest):
        state.chunks += int(found[1])
        if found[2]:
            state.outstanding -= 1
            _send(state, "BDAT")
    return None


def _given_up(state: State, _: bytes) -> Effect | None:
    """A transaction ends without its message: refused, or only a question whether it would be."""
    was_refused = state.in_transaction and state.was_refused
    if state.in_transaction:
        _close_transaction(state)
    return _counted(state, is_accepted=False) if was_refused else None


def _quit(state: State, rest: bytes) -> Effect | None:
    state.has_quit = True
    return _given_up(state, rest)


def _auth(state: State, _: bytes) -> Effect | None:
    state.in_auth = True
    return None


def _connected(state: State, _: bytes) -> Effect | None:
    state.is_connected, state.due_at = True, state.at
    return None


def _disconnected(state: State, rest: bytes) -> Effect:
    state.end, state.has_ended = rest[:_KEPT], True
    if state.sent or state.in_transaction:
        state.was_cut = True
        if not state.sent:
            _close_transaction(state)
        _counted(state, is_accepted=False)
    return "ended"


def _information(state: State, rest: bytes) -> Effect | None:
    if b"ailed" not in rest or not _FAILED.match(rest):
        return None
    state.problem, state.problem_place = rest[:_KEPT], state.last_place
    if _UNCONNECTED.match(rest):
        state.has_ended, state.is_unconnected = True, True
        state.was_cut, state.failed = True, 1
        return "ended"
    state.has_tls_failed = b"TLS" in rest
    return None


def _replies() -> dict[bytes, int]:
    """The sort of each reply by its first four bytes, without those that go on."""
    sorts = {code: _ERROR if code >= 400 else _FINAL for code in range(200, 600)}
    sorts |= {235: _LOGGED_IN, 334: _CHALLENGE, 354: _SEND_MAIL}
    ends = (b" ", b",", b'"', b"\r", b"")
    return {b"%d%b" % (code, end): sort for code, sort in sorts.items() for end in ends}


_REPLIES: Final = _replies()
_ACTS: Final[dict[bytes, Handler]] = {
    b"MAIL": _mail,
    b"BDAT": _bdat,
    b"RSET": _given_up,
    b"QUIT": _quit,
    b"AUTH": _auth,
    b"X-EX": _auth,
}
_VERBS: Final = {start: act for verb, act in _ACTS.items() for start in (verb, b'"' + verb[:3])}
