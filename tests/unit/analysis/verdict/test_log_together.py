"""A conversation by the capture and by the log: who speaks for what, and where they disagree."""

import dataclasses

import pytest
from tests.unit.analysis.verdict.dialogue import ACK, FIN, Dialogue
from tests.unit.evidence.smtp_log.log_text import (
    ACCEPTED,
    END,
    MAIL,
    START,
    lines,
    session,
    sessions,
)

from hostprobe.analysis.verdict import Verdict, pages
from hostprobe.analysis.verdict.mail_log import Clock, together
from hostprobe.evidence.smtp_log import Place, Session

_CLOCK = Clock(37.25, 1, 37.25, 37.25)
_DROPPED = "-,,Remote"


def _encrypted() -> Verdict:
    return _made("encrypted")


def _made(code: str) -> Verdict:
    """A verdict of that code; the client closed, in frame 4."""
    found = Dialogue().opened().client(30.0, length=2000, flags=FIN | ACK).verdict()
    page = pages()[code]
    return dataclasses.replace(found, code=code, verdict=page.outcome, layer=page.layer)


def _silent(seconds: int) -> Session:
    """A session that ended so long after DATA had its reply."""
    (found,) = sessions(
        lines((*START, *MAIL)) + lines((_DROPPED,), at_s=10 + seconds).replace(",0,", ",9,")
    )
    return found


def test_fields() -> None:
    """The record has the log's file, lines, session and the difference of the clocks."""
    found = together(_made("slow"), session((*START, *MAIL, *ACCEPTED, *END)), _CLOCK)
    assert (found.log_file, found.log_first_line) == ("a.log", 1)
    assert (found.log_last_file, found.log_last_line) == ("a.log", 15)
    assert (found.log_session, found.clock_difference_s) == ("08DE000000000001", 37.25)
    assert (found.code, found.contradictions) == ("slow", ())
    (told,) = found.log
    assert told == (
        "a.log line 13 'QUIT', line 14 '221 Bye', line 15 disconnect (Local); each command has its"
        " reply."
    )


def test_silence() -> None:
    """The log's line of a silence names the last reply, the end, and that nothing came between."""
    (told,) = together(_made("no_reply"), _silent(6), _CLOCK).log
    assert told == (
        "a.log line 10 'DATA', line 11 '354 Go on', line 12 disconnect (Remote); no reply to the"
        " message between, in 6.0 s."
    )


def test_long_wait() -> None:
    """Where all was answered, a long wait is named with the line that ended it."""
    one = session((*START, *MAIL, *ACCEPTED, *END))
    slow = one._replace(longest_wait_s=9.0, longest_wait=Place("b.log", 3))
    assert (
        "its longest wait is 9.0 s, before b.log line 3"
        in together(_made("slow"), slow, _CLOCK).log[0]
    )


def test_two_files() -> None:
    """A session that goes on in the next file is told with both."""
    one = session((*START, *MAIL, *ACCEPTED, *END))
    found = together(_made("healthy"), one._replace(last=Place("logs/b.log", 99)), _CLOCK)
    assert "14 '221 Bye', b.log line 99 disconnect (Local)" in found.log[0]
    assert found.log_last_file == "logs/b.log"


def test_unfinished_and_unmade() -> None:
    """A session that still stands, and one that never did, are told as such."""
    standing = session((*START, *MAIL))
    assert (
        together(_made("no_reply"), standing, _CLOCK)
        .log[0]
        .endswith(
            "line 11 '354 Go on'; no reply to the message between, in 0 s, where the log ends."
        )
    )
    calling = session(("*,,attempting to connect",))
    assert together(_made("unanswered"), calling, _CLOCK).log == (
        "a.log line 1 is the last of it; no connection between, in 0 s, where the log ends.",
    )
    unmade = session(
        ("*,,attempting to connect", "*,,Failed to connect. Winsock error code: 10061")
    )
    told = together(_made("refused"), unmade, _CLOCK).log[0]
    assert told == (
        "a.log line 2 'Failed to connect. Winsock error code: 10061'; no connection was made."
    )
    for end, told in (("-,,", "disconnect;"), ("-,,Shutdown", "disconnect (Shutdown);")):
        assert told in together(_made("no_greeting"), session(("+,,", end)), _CLOCK).log[0]
    dropped = session(("+,,", "-,,Remote(SocketError)"))
    assert together(_made("no_greeting"), dropped, _CLOCK).log == (
        "a.log line 2 disconnect (Remote: SocketError); no greeting between, in 1.0 s.",
    )


@pytest.mark.parametrize(
    ("dialogue", "code"),
    [
        ((*START, *MAIL, *ACCEPTED, *END), "log_accepted"),
        ((*START, *END), "log_accepted"),
        ((*START, *MAIL, "<,452 4.3.1 Full,", *END), "log_refused_for_now"),
        ((*START, *MAIL, "<,552 5.3.4 Too big,", *END), "log_refused_for_good"),
        ((*START, *MAIL[:-2], "-,,Remote"), "encrypted"),
        ((*START, *MAIL[:1], "-,,Remote"), "encrypted"),
    ],
)
def test_log_speaks_for_layer_7(dialogue: tuple[str, ...], code: str) -> None:
    """Where TLS hides layer 7 the log tells what became of the mail, if it knows."""
    found = together(_encrypted(), session(dialogue), _CLOCK)
    page = pages()[code]
    assert (found.code, found.verdict, found.layer) == (code, page.outcome, page.layer)
    if code.startswith("log_"):
        assert "Layers 3 to 6 are healthy by the capture." in found.meaning
        assert "it is encrypted" in found.meaning
        assert "a.log line" in found.meaning


@pytest.mark.parametrize(
    ("size", "accepted", "code"),
    [
        (1999, 0, "log_no_reply"),
        (2001, 0, "encrypted"),
        (None, 0, "encrypted"),
        (9, 1, "encrypted"),
    ],
)
def test_silence_in_tls(size: int | None, accepted: int, code: str) -> None:
    """No server is accused of silence unless the capture has as many bytes as the message."""
    silent = _silent(6)._replace(largest_bytes=size, accepted=accepted)
    assert together(_encrypted(), silent, _CLOCK).code == code


def test_command_without_reply_in_tls() -> None:
    """A command that was not replied to needs no size."""
    silent = _silent(6)._replace(awaited="RCPT", largest_bytes=None)
    found = together(_encrypted(), silent, _CLOCK)
    assert "no reply to RCPT in 6.0 s, then the end" in found.meaning


@pytest.mark.parametrize("code", ["no_reply", "closed_unanswered", "no_greeting"])
def test_reply_in_the_log(code: str) -> None:
    """No server is accused of silence where the log has the reply that the capture lacks."""
    answered = session((*START, *MAIL, *ACCEPTED, *END))
    found = together(_made(code), answered, _CLOCK)
    assert (found.code, found.verdict) == ("reply_in_log", "cannot_judge")
    assert "the last of them in a.log line 14: 221 Bye" in found.meaning
    assert together(_made(code), _silent(6), _CLOCK).code == code


def test_who_closed() -> None:
    """A log and a capture that name another side are both told, with line and frame."""
    (told,) = together(_made("no_reply"), _silent(6), _CLOCK).contradictions
    assert told.startswith(
        "who closed: the log says the server (a.log line 12, Remote), the capture shows that the"
        " client did (frame 4). Then something on the client's own host closed it"
    )


def test_who_closed_in_the_other_log() -> None:
    """In the server's own log the peer is the client, and no explanation is made up."""
    silent = _silent(6)._replace(kind="receive", closed_by="local")
    (told,) = together(_made("no_reply"), silent, _CLOCK).contradictions
    assert told.endswith("(a.log line 12, Local), the capture shows that the client did (frame 4).")
    agreed = _silent(6)._replace(kind="receive")
    assert together(_made("no_reply"), agreed, _CLOCK).contradictions == ()


def test_no_contradiction() -> None:
    """After QUIT either may close first, and a capture that is not whole contradicts nobody."""
    in_order = session((*START, *MAIL, *ACCEPTED, *END))._replace(closed_by="remote")
    assert together(_made("healthy"), in_order, _CLOCK).contradictions == ()
    assert together(_made("capture_lost"), _silent(6), _CLOCK).contradictions == ()


def test_reply_that_the_program_did_not_see() -> None:
    """A reply that was captured, and is not in the log, is told."""
    answered = dataclasses.replace(_made("healthy"), answered=7, closed_by=None)
    (told,) = together(answered, _silent(6), _CLOCK).contradictions
    assert told.startswith("the replies: the log has no reply to the message (a.log line 12), the")


def test_two_logs() -> None:
    """What two logs say of one conversation is told of both."""
    once = together(_made("no_reply"), _silent(6), _CLOCK)
    twice = together(once, _silent(6)._replace(kind="receive"), _CLOCK)
    assert (len(twice.log), len(twice.contradictions)) == (2, 1)


def test_hostile_words() -> None:
    """What a server said in the log is bounded, and stays on one line."""
    evil = session((*START, *MAIL, '<,"554 {x} ' + "a" * 900 + '",', *END))
    found = together(_encrypted(), evil, _CLOCK)
    assert "554 {x} aaa" in found.meaning
    assert len(found.meaning) < 600
