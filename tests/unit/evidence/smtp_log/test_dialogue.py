"""All lines of one session."""

from tests.unit.evidence.smtp_log.log_text import HEADER, ORIGIN, START, lines

from hostprobe.evidence.smtp_log import Dialogue, Line, blocks


def _dialogue(text: str, session_id: str) -> list[Line]:
    return list(Dialogue(session_id).read(blocks([text.encode()]), "a.log"))


def test_the_session_of_the_origin() -> None:
    """Each line has its speaker, its words and the time since the line before."""
    found = _dialogue(HEADER + "broken 08CB3FF87FA34699\n" + ORIGIN, "08cb3ff87fa34699")

    assert [(line.speaker, line.event, line.text, line.context) for line in found] == [
        ("local", ">", "RCPT TO:<someone@there.com>", ""),
        ("remote", "<", "250 Requested mail action okay, completed.", ""),
        ("local", ">", "DATA", ""),
        ("remote", "<", '354 Enter mail, end with "." on a line by itself.', ""),
        (None, "-", "", "Remote"),
    ]
    assert [line.gap_s for line in found] == [None, 0.0, 0.094, 0.0, 5.828]
    assert [line.place.line for line in found] == [7, 8, 9, 10, 11]
    assert found[0].sequence == "16"


def test_secrets() -> None:
    """What belongs to a log-in is masked, both what is asked and what is answered."""
    log_in = (">,AUTH LOGIN,", "<,334 VXNlcm5hbWU6,", ">,c2VjcmV0,", "<,235 In,", ">,NOOP,")
    found = _dialogue(lines((*START, *log_in)), "08DE000000000001")

    assert [line.text for line in found[-5:]] == ["AUTH LOGIN", "334 ***", "***", "235 In", "NOOP"]


def test_other_sessions() -> None:
    """A line that only mentions the identifier is none of the session."""
    assert _dialogue(lines([">,NOOP 08DE000000000002,"]), "08DE000000000002") == []
