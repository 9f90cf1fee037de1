"""Lines of a log to sessions and messages."""

import pickle
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.evidence.smtp_log.log_text import (
    ACCEPTED,
    END,
    HEADER,
    MAIL,
    ORIGIN,
    START,
    items,
    lines,
    messages,
    session,
    sessions,
    unread,
)

from hostprobe.errors import SpoolError
from hostprobe.evidence.smtp_log import Kind, LogReader, Place, Session, blocks
from hostprobe.evidence.smtp_log._reader import _SECONDS_KEPT
from hostprobe.evidence.unread import Unread


def test_the_lines_of_the_origin() -> None:
    """The session got no reply after 354 and was closed 5.828 s later; the other still connects."""
    stuck, cut = sessions(ORIGIN)

    assert stuck.session_id == "08CB3FF87FA34699"
    assert (stuck.local, stuck.peer) == ("exchsvr:20709", "relayhost:25")
    assert stuck.last_command == "DATA"
    assert stuck.last_reply == '354 Enter mail, end with "." on a line by itself.'
    assert (stuck.awaited, stuck.wait_s, stuck.closed_by) == ("message", 5.828, "remote")
    assert (stuck.outcome, stuck.longest_wait_s, stuck.waited_for) == ("no_reply", 5.828, "remote")
    assert (stuck.first, stuck.longest_wait, stuck.last) == (
        Place("a.log", 1),
        Place("a.log", 5),
        Place("a.log", 5),
    )
    assert (stuck.asked, stuck.replied, stuck.objected) == (
        Place("a.log", 3),
        Place("a.log", 4),
        None,
    )
    assert stuck.started_at == datetime(2009, 1, 8, 22, 36, 19, 495000, UTC)
    assert (cut.outcome, cut.awaited, cut.local) == ("connecting", "greeting", "exchsvr:20736")
    assert (cut.has_ended, cut.closed_by, cut.silent_s) == (False, None, 0.0)


def test_a_message_that_was_accepted() -> None:
    """Size, replies and the end of a session in order are told."""
    found = session((*START, *MAIL, *ACCEPTED, *END))

    assert (found.outcome, found.accepted, found.failed) == ("accepted", 1, 0)
    assert (found.largest_bytes, found.last_command, found.last_reply) == (1234, "QUIT", "221 Bye")
    assert (found.awaited, found.closed_by, found.problem) == (None, "local", None)


@pytest.mark.parametrize(
    ("dialogue", "outcome", "awaited"),
    [
        ((*START, *MAIL, "-,,Remote"), "no_reply", "message"),
        ((*START, *MAIL[:5], "-,,Local"), "no_reply", "DATA"),
        ((*START, *MAIL[:1], "-,,Remote"), "no_reply", "MAIL"),
        (("+,,", "-,,Remote"), "no_reply", "greeting"),
        ((*START, ">,BDAT 10 LAST,", "-,,Remote"), "no_reply", "BDAT"),
        ((*START, ">,BDAT,", "<,501 How many,", *END), "refused", None),
        ((*START, *MAIL, "<,550 No,", *END), "refused", None),
        ((*START, *MAIL[:3], "<,550 Unknown,", *END), "refused", None),
        ((*START, ">,AUTH LOGIN,", "<,535 No,", *END), "refused", None),
        ((*START, *END), "no_message", None),
        ((*START, ">,QUIT,", "-,,Local"), "no_message", "QUIT"),
        ((*START, *MAIL, *ACCEPTED, "-,,Remote"), "accepted", None),
        ((*START, "-,,Remote(SocketError)"), "dropped", None),
        ((*START, *MAIL[:2], "-,,Remote"), "refused", None),
        (
            (*START, ">,STARTTLS,", "<,220 Go,", "*,,TLS negotiation failed", "-,,Local"),
            "tls_failed",
            None,
        ),
        (
            ("*,,attempting to connect", "*,,Failed to connect. Error 10060"),
            "not_connected",
            "connect",
        ),
        (("*,,Failed connection to 192.0.2.9:25 (TimedOut:0000274C)",), "not_connected", "connect"),
        (("*,,attempting to connect", "-,,Local"), "not_connected", "connect"),
        (("*,,attempting to connect",), "connecting", "connect"),
        (("+,,",), "connecting", "greeting"),
        (START, "open", None),
        ((*START, *MAIL), "open", "message"),
    ],
)
def test_outcomes(dialogue: tuple[str, ...], outcome: str, awaited: str | None) -> None:
    """What became of a session is told by what was due when it ended, and by what was replied."""
    found = session(dialogue)

    assert (found.outcome, found.awaited) == (outcome, awaited)


def test_reason_of_the_end() -> None:
    """What the log says of an end beside the side is kept, also where it names no side."""
    assert session((*START, "-,,Remote(SocketError)")).reason == "SocketError"
    odd = session((*START, '-,,"Idle, too long"'))
    assert (odd.closed_by, odd.reason) == (None, "Idle, too long")


def test_direction_by_type() -> None:
    """In a receive log, what is received are commands, and what is sent are replies."""
    turned = [line.translate({60: 62, 62: 60}) if line[0] in "<>" else line for line in MAIL]
    found = session(
        (
            "+,,",
            ">,220 here,",
            "<,EHLO there,",
            ">,250 Hello,",
            *tuple(line[0] + line[1:].replace("<", "(").replace(">", ")") for line in turned),
            "-,,Remote",
        ),
        "receive",
    )

    assert (found.last_command, found.last_reply) == ("DATA", "354 Go on")
    assert (found.outcome, found.awaited) == ("no_reply", "message")


def test_several_messages() -> None:
    """Each message of a session is one of its own, with its size, time and fate."""
    dialogue = (
        *START,
        *MAIL,
        *ACCEPTED,
        ">,MAIL FROM:<a@here.com> size=99,",
        "<,452 Full,",
        ">,RSET,",
        "<,250 OK,",
        ">,MAIL FROM:<a@here.com>,",
        "<,250 OK,",
        ">,BDAT 70,",
        "<,250 70,",
        ">,BDAT 30 LAST,",
        "<,250 100,",
        *MAIL[:4],
        "-,,Remote",
    )
    found = messages(lines(dialogue))

    assert [(one.size_bytes, one.accepted) for one in found] == [
        (1234, True),
        (99, False),
        (100, True),
        (1234, False),
    ]
    assert found[0].at == datetime(2026, 1, 8, 0, 0, 11, tzinfo=UTC)
    (whole,) = sessions(lines(dialogue))
    assert (whole.accepted, whole.failed, whole.largest_bytes) == (2, 2, 1234)
    assert whole.problem == "452 Full"


def test_a_question_is_no_failure() -> None:
    """A transaction that is given up before its message, with nothing refused, is no message."""
    assert messages(lines((*START, *MAIL[:4], ">,RSET,", "<,250 OK,", *END))) == []


def test_pipelining() -> None:
    """Commands that are sent at once are answered in their order."""
    commands, replies = MAIL[:5:2], MAIL[1::2]
    found = session((*START, *commands, *replies, "-,,Remote"))
    assert (found.outcome, found.awaited) == ("no_reply", "message")

    found = session((*START, *commands, *replies[:2], "-,,Remote"))
    assert (found.outcome, found.awaited) == ("no_reply", "DATA")


def test_commands_that_follow_a_text_at_once() -> None:
    """The first reply after a text, or a last chunk, is that to the message."""
    chunk = (*MAIL[:4], ">,BDAT 5 LAST,")
    for start in (MAIL, chunk):
        dialogue = (*START, *start, ">,MAIL FROM:<b@here.com> SIZE=9,")
        assert session((*dialogue, "-,,Remote")).awaited == ("message" if start is MAIL else "BDAT")
        found = messages(lines((*dialogue, *ACCEPTED, "<,250 OK,", *chunk[2:], "<,554 No,", *END)))
        assert [(one.size_bytes, one.accepted) for one in found] == [(1234, True), (9, False)]
        (whole,) = sessions(lines((*START, *start, ">,QUIT,", *ACCEPTED, "<,221 Bye,", "-,,Local")))
        assert (whole.outcome, whole.accepted, whole.awaited) == ("accepted", 1, None)


def test_chunks_that_follow_each_other_at_once() -> None:
    """The reply to a message in chunks is that to the last one."""
    chunks = (">,BDAT 5,", ">,BDAT 6 LAST,")
    found = messages(lines((*START, *MAIL[:4], *chunks, "<,250 5,", "<,552 Full,", *END)))
    assert [(one.size_bytes, one.accepted) for one in found] == [(1234, False)]


def test_exchange_data() -> None:
    """The 354 to XEXCH50 asks for no message, and what AUTH sends along is no command."""
    exps = (
        ">,X-EXPS EXCHANGEAUTH SHA256 ,",
        ">,<Binary Data>,",
        "<,235 <authentication response>,",
    )
    blob = (">,XEXCH50 2048 2,", "<,354 Send binary data,", "<,250 XEXCH50 success,")
    found = session((*START, *exps, *MAIL[:4], *blob, *MAIL[4:], *ACCEPTED, *END))
    assert (found.outcome, found.accepted) == ("accepted", 1)
    assert session((*START, *exps, "-,,Remote")).awaited is None


@pytest.mark.parametrize("between", [(), ("*,,one", "*,08D0;1,Tarpit for '0.00:00:05'")])
def test_the_wait_for_a_reply(between: tuple[str, ...]) -> None:
    """It counts from what asks for the reply, whatever information stands between."""
    found = session((*START, *MAIL, *between, "-,,Remote"))
    assert found.awaited_s == found.wait_s == len(between) + 1
    found = session((*START, *MAIL[:5:2], "<,250 OK,", "<,250 OK,", "-,,Remote"))
    assert (found.awaited, found.awaited_s) == ("DATA", 3.0)
    well = session((*START, *MAIL, *ACCEPTED, *END))
    assert (well.awaited_s, well.wait_s) == (0.0, 1.0)


@pytest.mark.parametrize("name", ["<emailed@x>", "<failed@x>", "<Failed to connect@x>"])
@pytest.mark.parametrize(
    "line", ["*,,sending message with InternetMessageId {}", "*,08D0;1,receiving message with {}"]
)
def test_names_of_messages(line: str, name: str) -> None:
    """What a sender names a message is no failure."""
    found = session((*START, line.format(name), *MAIL, *ACCEPTED, *END))
    assert (found.outcome, found.problem) == ("accepted", None)


def test_a_name_that_comes_again() -> None:
    """A session that begins under the name of one that has no end is another one."""
    text = lines((*START, *MAIL)) + lines((*START, *MAIL, *ACCEPTED, *END), at_s=100)
    assert [(one.outcome, one.accepted) for one in sessions(text)] == [("open", 0), ("accepted", 1)]
    both = ("*,,attempting to connect", *START)
    assert len(sessions(lines(both).replace("01,1,", "01,0,", 1))) == 1


def test_long_names() -> None:
    """What names a session is kept only as far as an honest name goes: very many may be open."""
    long = "x" * 10_000
    (found,) = sessions(f"2026-01-08T00:00:00.000Z,{long},S,0,{long},{long},+,,\n")
    assert {len(found.connector), len(found.local or ""), len(found.peer or "")} == {300}
    assert len(unread(lines(["+,,"], session=long))) == 1


def test_a_recovery() -> None:
    """A refused EHLO followed by HELO is no failure of the message."""
    found = session(
        (
            "+,,",
            "<,220 Hi,",
            ">,EHLO a,",
            "<,500 What,",
            ">,HELO a,",
            "<,250 Hi,",
            *MAIL,
            *ACCEPTED,
            *END,
        )
    )
    assert (found.outcome, found.problem) == ("accepted", "500 What")


@pytest.mark.parametrize(
    "command", ["AUTH PLAIN c2VjcmV0", "auth plain c2VjcmV0", "X-EXPS GSSAPI c2VjcmV0"]
)
def test_secrets_of_a_command(command: str) -> None:
    """What follows the method of a log-in is masked."""
    found = session((*START, f">,{command},"))
    assert found.last_command == f"{command.rpartition(' ')[0]} ***"


def test_secrets_after_auth() -> None:
    """What is sent while a log-in goes on is masked, and what comes after it is not."""
    log_in = (">,AUTH LOGIN,", "<,334 VXNlcm5hbWU6,", ">,c2VjcmV0,", "<,334 UGFzc3dvcmQ6,")
    found = session((*START, *log_in, ">,cGFzcw==,", "-,,Remote"))
    assert (found.last_command, found.awaited) == ("***", "***")
    found = session((*START, *log_in, ">,cGFzcw==,", "<,235 Welcome,", ">,NOOP,"))
    assert found.last_command == "NOOP"


def test_a_session_across_files() -> None:
    """A session that goes on in the next file is one, from its first line to its last."""
    text = HEADER + lines((*START, *MAIL, *ACCEPTED, *END))
    cut = text.index("\r\n", len(text) // 2) + 2
    reader = LogReader("send")
    found = [
        item
        for name, part in (("1.log", text[:cut]), ("2.log", HEADER + text[cut:]))
        for item in reader.read(blocks([part.encode()]), name)
    ]
    assert [item.outcome for item in found if isinstance(item, Session)] == ["accepted"]
    (last,) = (item for item in found if isinstance(item, Session))
    assert (last.first, last.last.source) == (Place("1.log", 6), "2.log")
    assert list(reader.finish()) == []


def _many(count: int) -> str:
    """Sessions that all begin before the first one ends."""
    chosen = random.Random(1)  # noqa: S311 - no secret
    parts = [
        lines((*START, *MAIL, *ACCEPTED, *END), session=f"{number:016X}", at_s=number).splitlines()
        for number in range(count)
    ]
    mixed = [line for part in parts for line in part[:3]]
    rest = [part[3:] for part in parts]
    while rest:
        part = chosen.choice(rest)
        mixed.append(part.pop(0))
        if not part:
            rest.remove(part)
    return "\n".join([*mixed, ""])


def test_more_sessions_than_memory_holds() -> None:
    """Sessions that wait on disk are the same in the end."""
    text = _many(40)
    by_id = {found.session_id: found for found in sessions(text)}

    assert {found.session_id: found for found in sessions(text, most_open=4)} == by_id
    assert {found.outcome for found in by_id.values()} == {"accepted"}
    open_ones = "".join(f"{line}\n" for line in text.splitlines() if ",-," not in line)
    few = sorted(sessions(open_ones, most_open=4))
    assert few == sorted(sessions(open_ones))
    assert len(few) == 40


@given(sizes=st.lists(st.integers(1, 40), min_size=1))
def test_chunks_do_not_matter(sizes: list[int]) -> None:
    """However a log is cut into chunks, what is in it is the same."""
    data = (HEADER + ORIGIN).encode()
    chunks: list[bytes] = []
    start = 0
    while start < len(data):
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(data[start : start + size])
        start += size
    reader = LogReader("send")
    found = [*reader.read(blocks(chunks), "a.log"), *reader.finish()]

    assert found == items(data)


@given(st.binary(max_size=300))
def test_anything_is_read(data: bytes) -> None:
    """Whatever a file holds, each line is a part of something or counted as unread."""
    kinds: tuple[Kind, Kind] = ("send", "receive")
    for kind in kinds:
        pickle.dumps(items(ORIGIN.encode() + data + b"\n", kind))


@pytest.mark.parametrize(
    "line",
    [
        "garbage",
        "2026-13-08T00:00:00.000Z,C,S,0,a:1,b:25,+,,",
        "0001-01-01T00:00:00+14:00,C,S,0,a:1,b:25,+,,",
        "9999-12-31T23:59:59.9999999Z,C,S,0,a:1,b:25,+,,",
        "2026-01-08T00:00:00.000Z,C,S,0,a:1,b:25,?,,",
        "2026-01-08T00:00:00.000Z,C,S,0",
    ],
)
def test_unread_lines(line: str) -> None:
    """A line that is none of a log is counted with its number; blank lines and headers are not."""
    assert [(one.number, one.text) for one in unread(f"{HEADER}\n{line}\r\n")] == [(7, line)]


def test_long_words() -> None:
    """Of what a peer says only so much is kept, however it is quoted."""
    long = "x" * 10_000
    found = session((*START, f'>,"NOOP {long}",', f'<,"550 {long}",', f"-,,{long}"))
    assert (found.last_command, found.problem) == (f"NOOP {long}"[:999], f"550 {long}"[:999])
    assert found.reason == long[:999]


def test_the_disk_is_full() -> None:
    """Where sessions cannot wait on disk, that is one error that names a way out."""
    reader = LogReader("send", most_open=1)
    reader._spilled._database.close()
    text = lines(["+,,"], session="one") + lines(["+,,"], session="two")
    with pytest.raises(SpoolError, match="SQLITE_TMPDIR"):
        list(reader.read(blocks([text.encode()]), "a.log"))


def test_a_session_whose_beginning_is_missing() -> None:
    """A session of which the log has no beginning is none of those that wait on disk."""
    text = (
        "".join(lines(["+,,"], session=name) for name in "abc")
        + lines(["+,,", "<,220 Hi,"], session="d").partition("\n")[2]
    )
    found = sessions(text, most_open=2)
    assert sorted((one.session_id, one.outcome) for one in found) == [
        ("a", "connecting"),
        ("b", "connecting"),
        ("c", "connecting"),
        ("d", "open"),
    ]


def test_a_line_that_is_too_long() -> None:
    """A line without an end, as in a sparse file, is one unread line; the next one is read."""
    reader = LogReader("send")
    chunks = [b"x" * 70_000] * 3 + [b"\n" + ORIGIN.encode()]
    found = list(reader.read(blocks(chunks), "a.log"))
    assert [item.number for item in found if isinstance(item, Unread)] == [1]
    assert [item.last.line for item in found if isinstance(item, Session)] == [6]


def test_times_in_other_forms() -> None:
    """A time without fractions, or in another zone, is read; so is a quoted connector."""
    text = (
        '2026-01-08T00:00:00Z,"To, there",S,0,a:1,b:25,+,,\n'
        '2026-01-08T01:00:02.5+01:00,"To, there",S,1,a:1,b:25,-,,"Remote"\n'
    )
    (found,) = sessions(text)
    assert (found.connector, found.wait_s, found.closed_by) == ("To, there", 2.5, "remote")


def test_a_clock_that_went_back() -> None:
    """A line that is older than the one before it makes no wait."""
    text = lines(["+,,"], at_s=10) + lines(["-,,Remote"], at_s=5)
    (found,) = sessions(text)
    assert (found.wait_s, found.longest_wait_s, found.longest_wait) == (0.0, 0.0, None)


def test_quotes() -> None:
    """Data and context are told apart however they are quoted, also where a quote is missing."""
    ends = ('-,"a, b","c, d"', '-,a b,"c, d"', '-,"a,c', "-,a", '-,"a"')
    assert [session((*START, end)).reason for end in ends] == ["c, d", "c, d", "c", None, None]


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        ("-,,Remote", "no_reply"),
        ("-,", "open"),
        ('<,"250 Queue', "open"),
        ('<,"250 Queued"', "open"),
        ('<,"250 Queued",', "open"),
        ("<,250 Queued", "open"),
    ],
)
def test_a_last_line_that_is_still_written(end: str, outcome: str) -> None:
    """A last line without an end is read only where all of its fields are there."""
    whole = lines((*START, *MAIL))
    (found,) = sessions(whole + lines((*START, *MAIL, end)).removeprefix(whole).rstrip("\r\n"))

    assert found.outcome == outcome
    assert found.accepted == (end == '<,"250 Queued",')


def test_many_seconds() -> None:
    """A log of more seconds than are kept is read on."""
    text = lines(["*,,x"] * (_SECONDS_KEPT + 10))
    (found,) = sessions(text)
    assert (found.last_at - found.started_at).total_seconds() == _SECONDS_KEPT + 9
