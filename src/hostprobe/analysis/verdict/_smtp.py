"""Mail: a greeting, commands and replies in their order, and transactions that end well or badly.

Source: RFC 5321 (commands, replies), RFC 2920 (pipelining), RFC 3030 (BDAT), RFC 3207 (STARTTLS),
RFC 4954 (AUTH).
"""

import re
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hostprobe.analysis.verdict._exchange import Exchange, Outcome
from hostprobe.analysis.verdict._side import Mark
from hostprobe.analysis.verdict._talk import Talk
from hostprobe.evidence.capture import Frame

GREETING: Final = "the greeting"
MESSAGE: Final = "the end of the message"
UNSEEN: Final = "what was sent"
_VERB: Final = re.compile(r"[A-Za-z]{4,12}")
_IS_LAST: Final = re.compile(r"(?i)\bLAST\b")
_HELLOS: Final = frozenset({"EHLO", "HELO", "LHLO"})
_LAST: Final = "BDAT LAST"
_STEPS: Final = frozenset({"RCPT", "DATA", "BDAT", _LAST, MESSAGE})
_OUT_OF_ORDER: Final = 503
_ENDS: Final = frozenset({"RSET", "QUIT"})


@dataclass(slots=True)
class Smtp(Talk):
    """Mail between a client and a server.

    Attributes:
        accepted: How many messages were taken.
        in_message: A message is on its way; its end has not been seen.
    """

    name: ClassVar[str] = "SMTP"
    speaks_first: ClassVar[bool] = True

    accepted: int = 0
    in_message: bool = False
    _next: int = 0
    _awaits_client: bool = False
    _refused: Exchange | None = None
    _is_open: bool = False
    _unmade: dict[str, Exchange] = field(default_factory=dict)
    _sent: Frame | None = None

    def take(self, frame: Frame, *, from_client: bool) -> None:
        """Learn what a frame says: lines of commands, or replies."""
        if self.is_sealed:
            return
        if from_client:
            self._client(frame)
        else:
            self._server(frame)

    def begin(self, frame: Frame) -> None:
        """The connection stands: now the server has to greet."""
        self.ask("greeting", GREETING, frame)

    def close(self) -> None:
        """A transaction that is open and was refused has failed; so has what was not made good."""
        self._end_transaction()
        for exchange in self._unmade.values():
            if self.accepted or self.is_sealed:  # what TLS hides may have made it good
                self.note(exchange)
            else:
                self.fail(exchange)
        self._unmade.clear()

    def _client(self, frame: Frame) -> None:
        self._sent = frame if frame.segment and frame.segment.payload_bytes else self._sent
        lines = frame.fields.get("smtp.command_line", ())
        if self._awaits_client and frame.segment and frame.segment.payload_bytes:
            self._renew(frame)
        for line in lines:
            self._command(_name(line), frame)
        if "smtp.eom" in frame.fields:
            self.in_message = False
            self._ask(MESSAGE, frame)

    def _renew(self, frame: Frame) -> None:
        """The client has answered the server's question: now the server's time runs again."""
        waiting = next(iter(self.pending.values()), None)
        if waiting and frame.segment:
            waiting.asked, waiting.acknowledged = Mark(frame.number, frame.at), None
            waiting.end = frame.segment.next_sequence
        self._awaits_client = False

    def _command(self, verb: str, frame: Frame) -> None:
        if verb in _ENDS and not self.pending:
            self._end_transaction()
        if not self._awaits_client:
            self._ask(verb, frame)

    def _ask(self, name: str, frame: Frame) -> None:
        self._next += 1
        self.ask(self._next, name, frame)

    def _server(self, frame: Frame) -> None:
        codes = frame.fields.get("smtp.response.code", ())
        lines = frame.fields.get("smtp.response", ())
        for number, code in enumerate(codes):
            words = lines[number] if number < len(lines) else code
            self._reply(int(code), words.replace("\\r\\n", "").strip(), frame)

    def _reply(self, code: int, words: str, frame: Frame) -> None:
        key = next(iter(self.pending), None)
        if key is None:
            self._unasked(code, words, frame)
            return
        if code == 334:  # AUTH: the client has to say more
            self._awaits_client = True
            return
        exchange = self.answer(key, frame, _outcome(code), words)
        if exchange:
            self._judge(exchange, code)

    def _unasked(self, code: int, words: str, frame: Frame) -> None:
        """The rest of a long reply; or one to what tshark did not know for what it is."""
        sent, self._sent = self._sent, None
        if sent is None:
            return
        if self.in_message:
            self.in_message = False
            self._ask(MESSAGE, sent)
            self._reply(code, words, frame)
        elif code >= 400:
            asked, here = Mark(sent.number, sent.at), Mark(frame.number, frame.at)
            outcome = _outcome(code)
            self.note(Exchange(UNSEEN, asked, reply=here, outcome=outcome, words=words[:200]))

    def _judge(self, exchange: Exchange, code: int) -> None:
        self._sent = None
        name, is_well = exchange.name, code < 400
        if name == "MAIL" and is_well:
            self._end_transaction()
            self._is_open = True
            for made_good in (name, *_HELLOS):  # who may send mail has been greeted
                self._make_good(made_good)
        elif self._is_open and name in _STEPS:
            self._within(exchange, code)
        elif name in _ENDS:
            self._end_transaction()
        elif is_well:
            for made_good in _HELLOS if name in _HELLOS else (name,):
                self._make_good(made_good)
            self.is_sealed |= name == "STARTTLS"
        else:
            self._unmade.setdefault(name, exchange)

    def _make_good(self, name: str) -> None:
        """What was refused before has been granted now."""
        if refused := self._unmade.pop(name, None):
            self.note(refused)

    def _within(self, exchange: Exchange, code: int) -> None:
        """A reply in a transaction; one that refuses a recipient, or the order, does not end it."""
        if code >= 400:
            if self._refused:
                self.note(self._refused)
            self._refused = exchange
            if exchange.name != "RCPT" and code != _OUT_OF_ORDER:
                self._end_transaction()
        elif exchange.name == "DATA":
            self.in_message = True
        elif exchange.name in {MESSAGE, _LAST}:
            self._accept()

    def _accept(self) -> None:
        """The message was taken, and with it the transaction is over."""
        self.accepted += 1
        if self._refused:
            self.note(self._refused)
        self._is_open, self._refused, self.in_message = False, None, False

    def _end_transaction(self) -> None:
        """One that was refused and did not end in a message has failed."""
        if self._is_open and self._refused:
            self.fail(self._refused)
        self._is_open, self._refused = False, None


def _name(line: str) -> str:
    """The command of a line, and whether it is the last chunk; no more of what the client says."""
    found = _VERB.match(line)
    verb = found[0].upper() if found else "a command"
    return _LAST if verb == "BDAT" and _IS_LAST.search(line) else verb


def _outcome(code: int) -> Outcome:
    if code < 400:
        return "ok"
    return "temporary" if code < 500 else "permanent"
