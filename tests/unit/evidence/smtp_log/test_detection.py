"""Whose log a file is, or that it is none."""

import pytest
from tests.unit.evidence.smtp_log.log_text import HEADER, ORIGIN, lines

from hostprobe.errors import InputFileError
from hostprobe.evidence.smtp_log import as_utf8, kind_of

_ATTEMPT = lines(["*,,attempting to connect"])


@pytest.mark.parametrize(
    ("head", "source", "kind"),
    [
        (HEADER, "RECV.log", "send"),
        (HEADER.replace("type: SMTP Send", "Type: SMTP Receive"), "x", "receive"),
        (ORIGIN, "RECV.log", "send"),
        (lines(['>,"220 Hello",']), "SEND.log", "receive"),
        (_ATTEMPT, "SEND2026010800-1.LOG", "send"),
        (_ATTEMPT, "RECV2026010800-1.LOG", "receive"),
        (_ATTEMPT, "SmtpReceive/a.log", "receive"),
        (_ATTEMPT, "a.log", "send"),
        (_ATTEMPT.replace(":4711", ":25").replace(".9:25", ".9:4711"), "a.log", "receive"),
        ("", "a.log", None),
        ("\r\n", "a.log", None),
        ("\ufeff" + HEADER, "a.log", "send"),
    ],
)
def test_kinds(head: str, source: str, kind: str | None) -> None:
    """The header tells first, then who replies, then the names, then the ports; nothing is none."""
    assert kind_of(head.encode(), source) == kind


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("garbage\n", "no line of it"),
        ("\0" * 1000, "no line of it"),
        ("#Log-type: Message Tracking Log\r\n", "'Message Tracking Log'"),
        ("#Log-type: SMTP Send\r\n#Fields: date-time,sessionid\r\n", "its #Fields are others"),
        (_ATTEMPT.replace(":25", ":1"), "--type send or --type receive"),
    ],
)
def test_other_files(head: str, told: str) -> None:
    """A file that is no such log, or does not tell, is refused with its name and the reason."""
    with pytest.raises(InputFileError, match=told) as refused:
        kind_of(head.encode(), "dir/x.log")
    assert "'dir/x.log'" in str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings(encoding: str) -> None:
    """A log that was saved in another encoding is the same text."""
    data = ORIGIN.replace("someone", "m\u00fcller").encode(encoding)
    text = b"".join(as_utf8([data[:301], data[301:]])).decode()
    assert text.removeprefix("\ufeff") == ORIGIN.replace("someone", "m\u00fcller")
    assert list(as_utf8([])) == [b""]
