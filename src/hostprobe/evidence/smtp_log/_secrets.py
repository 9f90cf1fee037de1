"""What belongs to a log-in, masked before anybody sees it, wherever in a session the log begins.

Source: RFC 4954 (AUTH), whose words are base64 and stand alone; `X-EXPS` is Exchange's own AUTH.
Some servers repeat a command that they do not know in their reply.
"""

import re
from typing import Final

MASK: Final = "***"

_FLAGS: Final = re.IGNORECASE | re.DOTALL
_AUTH: Final = re.compile(
    r"\b(AUTH|X-EXPS)\b[\s=:]*"
    r"((?:PLAIN|LOGIN|NTLM|GSSAPI|GSS-SPNEGO|KERBEROS_V4|(?:CRAM|DIGEST)-MD5|SCRAM-[\w-]{1,20}"
    r"|X?OAUTH2?|OAUTHBEARER|EXTERNAL|ANONYMOUS|EXCHANGEAUTH)(?![^\s,\"]))?(.*)",
    _FLAGS,
)
_CHALLENGE: Final = re.compile(r"(334)(?![0-9]|[ -]<)[ -]?(.+)|([25]35[ -])(\S{8,})", re.DOTALL)
_REPLY: Final = re.compile(r"[2-5][0-9][0-9](?:[ -]|$)")
_ALONE: Final = re.compile(r"[\w+/=.~-]{4,}", re.ASCII)
_VERBS: Final = frozenset(
    (
        *("EHLO", "HELO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "QUIT", "NOOP", "HELP"),
        *("VRFY", "EXPN", "TURN", "ETRN", "STARTTLS", "AUTH", "X-EXPS", "X-ANONYMOUSTLS"),
        "XEXCH50",
    )
)
_SAID: Final = re.compile(r"((?:.*?,)?[<>],)(.*)", re.DOTALL)
_CODED: Final = re.compile(
    r"(?<![\w+/])(?=[\w+/-]*(?:[a-z][A-Z]|[a-z][0-9]|[0-9][a-z]|=))[\w+/-]{6,}=*", re.ASCII
)


def masked(command: str, *, in_log_in: bool = False) -> str:
    """The command without the secrets that it may hold.

    Args:
        command: As it was said; one word that is no command of SMTP's is taken for a secret.
        in_log_in: Whether it may be any kind of answer to a challenge.
    """
    if _REPLY.match(command) or _SAID.match(command):
        return masked_reply(command)
    if found := _AUTH.match(command):
        return _without_secret(found)
    is_alone = _ALONE.fullmatch(command) and command.upper() not in _VERBS
    is_answer = in_log_in and command and command[:4].upper() not in _VERBS
    return MASK if is_alone or is_answer else command


def masked_reply(reply: str) -> str:
    """The reply without what belongs to a log-in; another line may have run into it."""
    if torn := _SAID.match(reply):
        return _CODED.sub(MASK, torn[1]) + masked(torn[2].strip('", '))
    found = _CHALLENGE.fullmatch(reply)
    return reply if found is None else f"{found[1] or found[3].rstrip()} {MASK}"


def unechoed(reply: str, command: str) -> str:
    """The reply without the words of that command, which were secret."""
    for word in sorted(set(command.split()), key=len, reverse=True):
        if len(word) >= 4:  # the shortest that base64 makes
            reply = reply.replace(word, MASK)
    return reply


def masked_within(line: str) -> str:
    """Any line that is none of a log, or only the rest of one, without what may be secret in it."""
    if _SAID.match(line):
        return masked_reply(line)
    if found := _AUTH.search(line):
        return line[: found.start()] + _without_secret(found)
    return _CODED.sub(MASK, line)


class LogIn:
    """Follows a session's log-in, whichever of both sides is the client."""

    def __init__(self) -> None:
        self._client = ""
        self._secret = ""

    def told(self, event: str, said: str, context: str) -> tuple[str, str]:
        """The data and the context of the session's next line, without what is secret."""
        if event not in {"<", ">"}:
            return masked_reply(said), context
        if _AUTH.match(said):
            self._client = event
        made = masked(said, in_log_in=event == self._client)
        beside = masked(context, in_log_in=event == self._client)
        if made != said and not _REPLY.match(said):
            self._secret = said
        elif self._secret:
            made = unechoed(made, self._secret)
        if event != self._client:
            self._follow(event, said)
        return made, beside

    def _follow(self, event: str, reply: str) -> None:
        if reply.startswith("334"):
            self._client = "<" if event == ">" else ">"
        elif _REPLY.match(reply):
            self._client = ""


def _without_secret(found: re.Match[str]) -> str:
    return " ".join(filter(None, (found[1], found[2], MASK if found[3].strip('", ') else "")))
