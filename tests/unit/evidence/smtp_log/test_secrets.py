"""No secret of a log-in comes out of a log, however the log-in goes and wherever the log begins."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.evidence.smtp_log.log_text import START, items, lines, session

from hostprobe.evidence.smtp_log import Dialogue, Kind, blocks
from hostprobe.evidence.smtp_log._secrets import masked

_SECRET = "c2VjcmV0"
_LOGIN = (">,AUTH LOGIN,", "<,334 VXNlcm5hbWU6,", f">,{_SECRET},", "<,334 UGFzc3dvcmQ6,")
_KINDS: tuple[Kind, Kind] = ("send", "receive")


def _told(text: str) -> str:
    """All that can be printed of a log, read as either type."""
    found = [repr(items(text, kind)) for kind in _KINDS]
    return repr((found, list(Dialogue("08DE000000000001").read(blocks([text.encode()]), "a.log"))))


@pytest.mark.parametrize(
    "dialogue",
    [
        (*START, *_LOGIN, f">,{_SECRET},", "<,235 In,"),
        (*_LOGIN[1:], f">,{_SECRET},"),
        _LOGIN[2:],
        (">,AUTH LOGIN,", "<,334 VXNlcm5hbWU6,", ">,NOOP,", f">,{_SECRET} {_SECRET},"),
        (">,AUTH LOGIN,", "<,504 No,", f">,{_SECRET},", "<,500 Unknown,", ">,QUIT,"),
        (f">,AUTH=LOGIN {_SECRET},",),
        (f">,AUTH {_SECRET},",),
        (f">, auth\tplain {_SECRET},",),
        (f'>,"AUTH PLAIN {_SECRET}',),
        (f">,AUTH XOAUTH2 abc,{_SECRET},",),
        (f">,AUTH LOGIN,{_SECRET}",),
        (">,AUTH LOGIN,", "<,334 VXNlcm5hbWU6,", f">,,{_SECRET}"),
        (f">,X-EXPS GSSAPI {_SECRET},", f"<,235 {_SECRET},"),
        (">,X-EXPS EXCHANGEAUTH SHA256 ,", f">,{_SECRET},", "<,235 <authentication response>,"),
        (">,AUTH NTLM,", f"<,334 {_SECRET},"),
        (">,AUTH NTLM,", f"<,334-{_SECRET},", f"<,334 {_SECRET},", f">,{_SECRET}=="),
    ],
)
def test_log_ins(dialogue: tuple[str, ...]) -> None:
    """However a log-in goes, its secret is masked in sessions and dialogues, of either type."""
    assert _SECRET.lower() not in _told(lines(dialogue)).lower()


@pytest.mark.parametrize(
    ("dialogue", "shown"),
    [
        ((">,AUTH LOGIN,", "<,504 No,", f">,{_SECRET},", f"<,500 Unknown {_SECRET},"), "Unknown"),
        ((">,AUTH LOGIN,", "<,334 VXNl,", f">,my {_SECRET},", f"<,501 {_SECRET}?,"), "501 ***?"),
        ((f">,AUTH PLAIN {_SECRET},", f"<,500 What is AUTH {_SECRET},"), "500 What is"),
    ],
)
def test_echoes(dialogue: tuple[str, ...], shown: str) -> None:
    """A server that repeats what it does not know does not give the secret away."""
    told = repr(items(lines((*dialogue, ">,QUIT,"))))
    told += repr(list(Dialogue("08DE000000000001").read(blocks([lines(dialogue).encode()]), "a")))
    assert _SECRET not in told
    assert told.count(shown) == 3


@given(st.data())
def test_a_log_that_is_cut(data: st.DataObject) -> None:
    """Wherever a log begins, ends or has lost what stood before a line, its secrets are masked."""
    text = lines((*START, *_LOGIN, f">,{_SECRET},", f">,X-EXPS GSSAPI {_SECRET},"))
    spots = [at for at in range(len(text)) if not text[:at].endswith(tuple(_starts()))]
    start, end = sorted(data.draw(st.lists(st.sampled_from(spots), min_size=2, max_size=2)))
    again = data.draw(st.sampled_from([at for at in _beginnings(text) if at >= end]))
    assert _SECRET not in _told(text[start:end] + text[again:] + "\n")


def test_a_line_that_runs_into_another() -> None:
    """Where a reply is cut at its very beginning, what follows is masked as on its own line."""
    assert _SECRET not in _told(lines((*START, f"<,>,X-EXPS GSSAPI {_SECRET},")))


def _beginnings(text: str) -> list[int]:
    """Where lines begin, and where the text ends."""
    return [0, *(found.end() for found in re.finditer("\n", text)), len(text)]


def _starts() -> list[str]:
    """What remains of a secret that is cut is a word that no longer says anything."""
    return [_SECRET[:length] for length in range(1, len(_SECRET))]


@pytest.mark.parametrize(
    "line",
    [
        f"2026-13-08T00:00:00.000Z,C,S,5,a:1,b:25,>,X-EXPS GSSAPI {_SECRET},",
        f'2026-13-08T00:00:00.000Z,C,S,5,a:1,b:25,>,"{_SECRET}",',
        f"b:25,>,{_SECRET},",
        f">,X-EXPS GSSAPI {_SECRET},",
        f"PLAIN {_SECRET},",
        f"{_SECRET},",
        f"x,AUTH PLAIN {_SECRET}",
    ],
)
def test_unread_lines(line: str) -> None:
    """A line that was not understood, as one that is cut, is shown without what may be secret."""
    told = _told(f"{line}\n")
    assert "Unread" in told
    assert _SECRET not in told


@pytest.mark.parametrize(
    "said",
    [
        "QUIT",
        "starttls",
        "MAIL FROM:<a@b> AUTH=<>",
        "GET / HTTP/1.1",
        "250-AUTH NTLM LOGIN",
        "250",
        "235 2.7.0 Authentication successful",
        "535 5.7.3 Authentication unsuccessful",
        "XPROXYFROM SID=08DE IP=192.0.2.1",
        "",
    ],
)
def test_what_is_no_secret(said: str) -> None:
    """Commands and replies are shown as they are."""
    assert masked(said) == said


def test_a_command_in_a_log_in() -> None:
    """A command that ends a log-in is known by its verb."""
    assert session((*START, *_LOGIN[:2], ">,QUIT,")).last_command == "QUIT"
