"""What happened to a session, in one sentence."""

import pytest
from tests.unit.evidence.smtp_log.log_text import (
    ACCEPTED,
    END,
    MAIL,
    ORIGIN,
    START,
    lines,
    session,
    sessions,
)

from hostprobe.analysis.mail.facts import has_error, is_stuck, sentence


def test_the_session_of_the_origin() -> None:
    """The fact is told with its figure and with what the standard allows, not a guess."""
    stuck, cut = sessions(ORIGIN)

    assert sentence(stuck) == (
        "the remote side closed 5.828 s after 354 with no reply; RFC 5321 4.5.3.2.6 gives it 10"
        " minutes"
    )
    assert sentence(cut) == (
        "still connecting: 0.000 s after the connection was made with no greeting, where the log"
        " ends"
    )
    assert (is_stuck(stuck), is_stuck(cut)) == (True, False)
    assert (has_error(stuck), has_error(cut)) == (True, False)


@pytest.mark.parametrize(
    ("dialogue", "told"),
    [
        (
            (*START, *MAIL[:3], "-,,Local"),
            (
                "the local side closed 1.000 s after RCPT with no reply; RFC 5321 4.5.3.2.3 gives"
                " the remote side 5 minutes"
            ),
        ),
        ((*START, ">,NOOP,", "-,"), "it was closed 1.000 s after NOOP with no reply"),
        ((*START, ">,RSET,"), "0.000 s after RSET with no reply, where the log ends"),
        (
            ("*,,attempting to connect",),
            "still connecting: 0.000 s after the attempt, where the log ends",
        ),
        ((*START, "-,,Remote"), "the remote side closed 1.000 s after the last line, with no QUIT"),
        ((*START, *MAIL, "<,451 Later,", *END), "451 Later"),
        ((*START, *MAIL, *ACCEPTED, *END), None),
        (START, None),
    ],
)
def test_sentences(dialogue: tuple[str, ...], told: str | None) -> None:
    """Each outcome that its fields do not explain has a sentence."""
    assert sentence(session(dialogue)) == told


def test_our_own_silence() -> None:
    """In a receive log it is the local side that owed the reply."""
    found = session(("+,,", ">,220 Hi,", "<,MAIL FROM:<a@b.com>,", "-,,Remote"), "receive")
    assert sentence(found) == (
        "the remote side closed 1.000 s after MAIL with no reply; RFC 5321 4.5.3.2.2 gives the"
        " local side 5 minutes"
    )


@pytest.mark.parametrize(
    ("last", "silent_s", "stuck"),
    [(">,EHLO x,", 59, False), (">,EHLO x,", 60, True), ("<,250 Hi,", 60, False)],
)
def test_an_open_session(last: str, silent_s: int, stuck: bool) -> None:  # noqa: FBT001 - a case
    """An open session is stuck when a reply has been due for a minute at the log's end."""
    other = lines(["+,,"], session="other", at_s=2 + silent_s)
    assert is_stuck(sessions(lines(["+,,", "<,220 Hi,", last]) + other)[0]) == stuck
