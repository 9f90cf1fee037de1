"""Find out whose log a file is, or that it is none.

Its header says so where it has one. Only a reply begins with three digits, so the first of them
tells which side replied; then the names that Exchange gives, `SEND2026010822-1.LOG` in `SmtpSend`;
then which end has a port of SMTP.
"""

import re
from pathlib import PureWindowsPath
from typing import Final

from hostprobe.errors import InputFileError
from hostprobe.evidence.smtp_log._fields import Fields, fields, milliseconds, text
from hostprobe.evidence.smtp_log._lines import straight
from hostprobe.evidence.smtp_log._record import Kind

HEAD_BYTES: Final = 1 << 16
_FIELDS: Final = (
    b"date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,"
    b"context"
)
_FLAGS: Final = re.IGNORECASE | re.MULTILINE
_HEADER: Final = re.compile(rb"^(?:\xef\xbb\xbf)?#(Log-type|Fields): *([^\r\n]*)", _FLAGS)
_REPLY: Final = re.compile(rb'"?[2-5]\d\d[ ,-]')
_NAMES: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    ("receive", re.compile(r"RECV|receive", re.IGNORECASE)),
    ("send", re.compile(r"send", re.IGNORECASE)),
)
_PORTS: Final = (b":25", b":465", b":475", b":587", b":717", b":2525")


def kind_of(head: bytes, source: str) -> Kind | None:
    """Whose log it is that begins so; None where nothing is in it.

    Args:
        head: Its first bytes, in UTF-8.
        source: Its name, with the folder.

    Raises:
        InputFileError: It is no such log, or does not tell.
    """
    headers = {name.lower(): told for name, told in _HEADER.findall(head)}
    if not head.strip():
        return None
    _refuse_others(headers, source)
    told = text(headers.get(b"log-type", b"")).lower()
    if "smtp" in told:
        return "send" if "send" in told else "receive"
    found = [
        made
        for line in straight(head).split(b"\n")
        if (made := fields(line)) and milliseconds(made.when)
    ]
    if not found and not headers:
        msg = f"{source!r} is no SMTP protocol log of Exchange: no line of it is one of such a log"
        raise InputFileError(msg)
    kind = _by_replies(found) or _by_name(source) or _by_ports(found)
    if kind is None:
        msg = f"{source!r} does not tell whose log it is: say --type send or --type receive"
        raise InputFileError(msg)
    return kind


def _refuse_others(headers: dict[bytes, bytes], source: str) -> None:
    told = text(headers.get(b"log-type", b"SMTP"))
    if "smtp" not in told.lower():
        msg = f"{source!r} is Exchange's {told[:60]!r}, and no SMTP protocol log"
        raise InputFileError(msg)
    if headers.get(b"fields", _FIELDS).strip().lower() != _FIELDS:
        msg = f"{source!r} is no SMTP protocol log of Exchange: its #Fields are others"
        raise InputFileError(msg)


def _by_replies(found: list[Fields]) -> Kind | None:
    replies = (line.event for line in found if line.event in b"<>" and _REPLY.match(line.rest))
    event = next(replies, None)
    return None if event is None else "send" if event == b"<" else "receive"


def _by_name(source: str) -> Kind | None:
    path = PureWindowsPath(source)  # which knows both separators: it may be one of a host
    for name in (path.name, path.parent.name):
        for kind, pattern in _NAMES:
            if pattern.search(name):
                return kind
    return None


def _by_ports(found: list[Fields]) -> Kind | None:
    for line in found:
        is_local, is_remote = line.local.endswith(_PORTS), line.remote.endswith(_PORTS)
        if is_local != is_remote:
            return "receive" if is_local else "send"
    return None
