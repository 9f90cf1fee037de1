"""A term is found however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.analysis.glossary import Entry, Glossary, Kind, _spelling, kinds

STATES = Kind(
    name="TCP state",
    summary="of a connection",
    also=("state",),
    entries=lambda: [
        _entry("TCP state", "TIME_WAIT", also=("WARTEND",)),
        _entry("TCP state", "no process N in the list: it may have ended"),
    ],
)
SIGNS = Kind(
    name="log sign",
    summary="of a log",
    entries=lambda: [
        _entry("log sign", "-"),
        _entry("log sign", "7"),
        _entry("log sign", "5yz", also=("5xx",)),
        _entry("log sign", "5.y.z", also=("5.x.x",)),
    ],
)
CODES = Kind(
    name="exit code",
    summary="of a run",
    entries=lambda: [
        _entry("exit code", "7", of="one"),
        _entry("exit code", "7", of="other"),
    ],
)
COLUMNS = Kind(
    name="column",
    summary="of a record",
    entries=lambda: [_entry("column", "seen_from")],
    values=lambda: [
        ("mixed", _entry("column", "seen_from")),
        ("TIME_WAIT", _entry("column", "state")),
    ],
)
KNOWN = Glossary((STATES, SIGNS, CODES, COLUMNS))


def _entry(kind: str, term: str, *, of: str | None = None, also: tuple[str, ...] = ()) -> Entry:
    return Entry(kind=kind, term=term, of=of, meaning="x", reference="y", also=also)


def found(text: str) -> list[str]:
    """The terms that are found, with their kinds."""
    return [f"{entry.kind} {entry.term}" for entry in KNOWN.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        *("TIME_WAIT", "time_wait", "TIME-WAIT", "Time Wait", "timewait", " TIME_WAIT, "),
        *("`TIME_WAIT`", "\u201cTIME_WAIT\u201d", "TIME\u2010WAIT", "\uff34IME_WAIT", "wartend"),
        *("tcp state TIME_WAIT", "state: time wait", "TCP-State time-wait."),
    ],
)
def test_spelling(text: str) -> None:
    """Case, blanks, dashes, quotes and the name of the kind make no difference."""
    assert found(text) == ["TCP state TIME_WAIT"]


@pytest.mark.parametrize(
    "text", ["", "_", "TIME", "time wait wait", "7.", ".", "55", "5551", "6.1.1"]
)
def test_other_texts(text: str) -> None:
    """What is no term is not found, and is no error."""
    assert found(text) == (["log sign 7", "exit code 7", "exit code 7"] if text == "7." else [])


def test_sign() -> None:
    """A sign is found as it is."""
    assert found("-") == found(" '-' ") == ["log sign -"]


def test_several_meanings() -> None:
    """All meanings are found, those of a kind together; a kind's name leaves its own."""
    assert found("7") == ["log sign 7", "exit code 7", "exit code 7"]
    assert [entry.of for entry in KNOWN.find("Exit code 7")] == ["one", "other"]


def test_number_in_a_term() -> None:
    """A term with a number in it is found with any."""
    assert len(KNOWN.find("no process 4711 in the list: it may have ended")) == 1


def test_class_of_an_unknown_code() -> None:
    """A code of SMTP that nobody knows is explained by its class."""
    assert found("571") == ["log sign 5yz"]
    assert found("5.7.606") == ["log sign 5.y.z"]
    assert found("471") == []


def test_near() -> None:
    """What is nearly a term brings it up, as it is written; what is far from all brings nothing."""
    assert KNOWN.near("time_wat") == ("TIME_WAIT",)
    assert KNOWN.near("wartent") == ("WARTEND",)
    assert KNOWN.near("xyzzy") == ()


@pytest.mark.parametrize("text", ["TCP state", "tcp-states", "State", "states"])
def test_kind(text: str) -> None:
    """A kind is found by any of its names, in the singular and the plural."""
    assert KNOWN.kind(text) is STATES
    assert KNOWN.kind(f"{text} x") is None


@given(st.text(max_size=2000))
def test_any_text(text: str) -> None:
    """Whatever is typed, the answer is entries or none."""
    assert all(isinstance(entry, Entry) for entry in KNOWN.find(text))
    assert isinstance(KNOWN.near(text), tuple)


def test_every_term_is_found() -> None:
    """Each term, and each other way to write it, leads to its entry."""
    known = Glossary(kinds())
    for kind in known.kinds:
        for entry in kind.entries():
            for text in (entry.term, *entry.also):
                assert entry in known.find(text), text
                assert entry in known.find(f"{kind.name} {text}") or not text[-1].isalnum()


def test_kinds_have_names_of_their_own() -> None:
    """No two kinds share a name, and each is found by its own."""
    known = Glossary(kinds())

    assert [known.kind(kind.name) for kind in known.kinds] == list(known.kinds)
    assert all(known.kind(name) is kind for kind in known.kinds for name in kind.also)


def test_value() -> None:
    """What is no term but the value of a column leads to the column."""
    assert found("Mixed") == ["column seen_from"]
    assert found("TIME_WAIT") == ["TCP state TIME_WAIT"]


@pytest.mark.parametrize(
    ("line", "terms"),
    [
        ("571 5.7.606 go away", ["log sign 5yz", "log sign 5.y.z"]),
        ("it said: '571-5.7.606 go away'", ["log sign 5yz", "log sign 5.y.z"]),
        ("571 go away", ["log sign 5yz"]),
        ("took 571 ms", []),
        ("1.571 s", []),
        ("TCP 10.1.2.3:1374 192.0.2.9:80 TIME_WAIT 0", ["TCP state TIME_WAIT"]),
        (
            "TIME_WAIT; no process 1 in the list: it may have ended",
            ["TCP state TIME_WAIT", "TCP state no process N in the list: it may have ended"],
        ),
        ("Winsock error code: 7, again error 7", ["log sign 7", "exit code 7", "exit code 7"]),
    ],
)
def test_line(line: str, terms: list[str]) -> None:
    """Of a line that was taken over whole, its notes and codes are found, each once."""
    assert found(line) == terms


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("RCPT TO:<a@b.example>", [("SMTP command", "RCPT TO")]),
        ("Layer 4 (TCP): It broke.", [("verdict rule", "It broke.")]),
        ("HTTP/1.1 503 Service Unavailable", [("HTTP status", "503")]),
        ("TLS failed: unknown_ca.", [("TLS alert", "unknown_ca")]),
        ("[Err=0x2, 2]", [("", "0x2")]),
        ("exit code 3221225477 (-1073741819)", [("", "3221225477"), ("", "-1073741819")]),
        ("421 connection dropped", [("SMTP reply", "421"), ("log sign", "connection dropped")]),
        ("STATUS_LOGON_FAILURE at 10.1.2.3", [("", "STATUS_LOGON_FAILURE")]),
    ],
)
def test_pieces(line: str, pieces: list[tuple[str, str]]) -> None:
    """Commands, headlines and codes are known by their shape."""
    assert list(_spelling.pieces(line)) == pieces
