r"""Take a line of cmd.exe apart, after %NAME% was put in.

Source: `cmd /?`, `if /?`: `&` binds least, then `||`, `&&` and `|`; between quotes no character is
special, and none is behind a caret; `\"` is a quote like any other. What follows an `if` belongs to
it up to the end of its line or parentheses.
"""

import re
from collections.abc import Callable
from typing import Literal

from hostprobe.lab.shell.syntax import (
    Chain,
    Command,
    Condition,
    If,
    Pipeline,
    Redirected,
    Redirection,
    Sequence,
    Simple,
)

_PARENTHESIS = "("
_MOST_LEVELS = 50  # of parentheses and ifs inside each other
_BLANKS = re.compile(r"[\s@]*")
_REDIRECTION = re.compile(r'([0-9]?)(<|>>|>)\s*(&[0-9]|"[^"]*"|[^\s&|<>()"]+)')
_TEXT = re.compile(r'"[^"]*"?|\^(.?)|[^"^<>&|)0-9]+|.', re.DOTALL)
_IF = re.compile(r"if\s+(?=\S)", re.IGNORECASE)
_ELSE = re.compile(r"\s*else(?=[\s(])", re.IGNORECASE)
_OPERAND = r'(?:"[^"]*"|[^\s"=<>&|()])+'
_CONDITION = re.compile(
    r"(?P<case>/i\s+)?(?P<not>not\s+)?(?P<late_case>/i\s+)?"
    rf"(?:(?P<test>errorlevel|exist|defined)\s+(?P<tested>{_OPERAND})"
    rf"|(?P<left>{_OPERAND})(?:\s*(?P<same>==)\s*|\s+(?P<word>equ|neq|lss|leq|gtr|geq)\s+)"
    rf"(?P<right>{_OPERAND}))\s*",
    re.IGNORECASE,
)


def parse(line: str) -> Command | None:
    """The command that `line` is; None for an empty one.

    Raises:
        SyntaxError: It is none; the message is what stands where it should not.
    """
    return _Parser(line).whole() if line.strip() else None


class _Parser:
    """Reads one line from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._blocks = 0  # open parentheses
        self._levels = 0  # open parentheses and ifs
        self._else_at = -1  # where an else may stand: behind the parenthesis of an if

    def whole(self) -> Command:
        command = self._sequence()
        if self._at < len(self._text):
            raise SyntaxError(self._text[self._at :].strip().partition(" ")[0])
        return command

    def _sequence(self) -> Command:
        parts = [self._alternatives()]
        while self._next("&") and not self._next("&&"):
            self._at += 1
            rest = self._text[self._at :].lstrip()
            if rest and not (self._blocks and rest.startswith(")")):
                parts.append(self._alternatives())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _alternatives(self) -> Command:
        return self._chain("||", lambda: self._chain("&&", self._pipeline))

    def _chain(self, how: Literal["&&", "||"], part: Callable[[], Command]) -> Command:
        parts = [part()]
        while self._next(how):
            self._at += len(how)
            parts.append(part())
        return parts[0] if len(parts) == 1 else Chain(how, tuple(parts))

    def _pipeline(self) -> Command:
        stages = [self._command()]
        while self._next("|") and not self._next("||"):
            self._at += 1
            stages.append(self._command())
        return stages[0] if len(stages) == 1 else Pipeline(tuple(stages))

    def _command(self) -> Command:
        self._skip(_BLANKS)
        if self._next("("):
            return self._block()
        if _IF.match(self._text, self._at):
            return self._if()
        text, redirections = self._simple()
        if not text.strip() and not redirections:
            raise SyntaxError(self._text[self._at : self._at + 1] or "&")
        return _redirected(Simple(text), redirections)

    def _block(self) -> Command:
        self._at += 1
        self._enter()
        self._blocks += 1
        body = self._sequence()
        if not self._next(")"):
            raise SyntaxError(_PARENTHESIS)
        self._at += 1
        self._blocks -= 1
        self._levels -= 1
        redirections: list[Redirection] = []
        while found := self._match_redirection(self._skipped(_BLANKS)):
            redirections.append(found)
        self._else_at = self._at
        if not _ELSE.match(self._text, self._at):
            self._skip(_BLANKS)
        return _redirected(body, redirections)

    def _if(self) -> Command:
        self._enter()
        self._skip(_IF)
        match = _CONDITION.match(self._text, self._at)
        if match is None:
            raise SyntaxError(self._text[self._at :].strip().partition(" ")[0])
        self._at = match.end()
        then = self._sequence()
        otherwise = None
        if self._at == self._else_at and self._skip(_ELSE):
            otherwise = self._sequence()
        self._levels -= 1
        return If(_condition(match), then, otherwise)

    def _simple(self) -> tuple[str, list[Redirection]]:
        """The text of a command up to an operator, and its redirections, wherever they stand."""
        text = ""
        redirections: list[Redirection] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character in "&|" or (character == ")" and self._blocks):
                break
            may_be_stream = character.isdigit() and text[-1:] in ("", " ", "\t")
            if (character in "<>" or may_be_stream) and (
                found := self._match_redirection(self._at)
            ):
                redirections.append(found)
                continue
            if character in "<>":
                raise SyntaxError(character)
            match = _TEXT.match(self._text, self._at)
            if match is not None:
                text += match[0] if match[1] is None else match[1]
                self._at = match.end()
        return text, redirections

    def _match_redirection(self, at: int) -> Redirection | None:
        match = _REDIRECTION.match(self._text, at)
        if match is None:
            return None
        self._at = match.end()
        how: Literal["<", ">", ">>"] = "<" if match[2] == "<" else ">>" if match[2] == ">>" else ">"
        stream = int(match[1] or how != "<")
        return Redirection(stream, how, match[3].strip('"'))

    def _enter(self) -> None:
        self._levels += 1
        if self._levels > _MOST_LEVELS:
            raise SyntaxError(_PARENTHESIS)

    def _next(self, operator: str) -> bool:
        return self._text.startswith(operator, self._at)

    def _skipped(self, what: re.Pattern[str]) -> int:
        match = what.match(self._text, self._at)
        return match.end() if match else self._at

    def _skip(self, what: re.Pattern[str]) -> bool:
        before, self._at = self._at, self._skipped(what)
        return self._at > before


def _redirected(body: Command, redirections: list[Redirection]) -> Command:
    return Redirected(body, tuple(redirections)) if redirections else body


def _condition(match: re.Match[str]) -> Condition:
    return Condition(
        left=match["left"] or "",
        how=(match["test"] or match["same"] or match["word"]).lower(),
        right=match["tested"] or match["right"],
        is_negated=match["not"] is not None,
        ignores_case=bool(match["case"] or match["late_case"]),
    )
