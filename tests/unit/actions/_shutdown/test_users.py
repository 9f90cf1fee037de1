"""Who is logged on, in any language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.actions._shutdown.said import ANNA, BEN, HEADER

from hostprobe.actions._shutdown.users import UserSession, parse
from hostprobe.errors import UnknownOutputError

GERMAN = (
    " BENUTZERNAME          SITZUNGSNAME       ID  STATUS  LEERLAUF   ANMELDEZEIT\r\n"
    ">müller                rdp-tcp#5           2  Aktiv          5   01.07.2024 08:02\r\n"
    " jörg w                                    3  Getr.          2  01.07.2024 09:30\r\n"
)
JAPANESE = (
    " ユーザー名            セッション名       ID  状態    アイドル時間   ログオン時刻\r\n"
    ">tanaka                console             1  アクティブ      なし   2024/07/01 8:02\r\n"
)


def test_sessions() -> None:
    """A session with a name is one that somebody is connected to."""
    anna, ben = parse(HEADER + ANNA + BEN)
    assert anna == UserSession(user="anna", id=1, name="console", state="Active")
    assert ben == UserSession(user="ben", id=3, name=None, state="Disc")
    assert (anna.is_connected, ben.is_connected) == (True, False)


def test_other_languages() -> None:
    """Neither the header nor a state's name has to be known."""
    mueller, joerg = parse(GERMAN)
    assert (mueller.user, mueller.id, mueller.name) == ("müller", 2, "rdp-tcp#5")
    assert (joerg.user, joerg.id, joerg.name, joerg.state) == ("jörg w", 3, None, "Getr.")
    (tanaka,) = parse(JAPANESE)
    assert (tanaka.user, tanaka.state, tanaka.is_connected) == ("tanaka", "アクティブ", True)


@pytest.mark.parametrize(
    "text", ["No User exists for *\r\n", "Für * ist kein Benutzer vorhanden.\r\n"]
)
def test_nobody(text: str) -> None:
    """One line with a star says that nobody is logged on."""
    assert parse(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADER,
        ANNA,
        ANNA + BEN,
        HEADER + ANNA + "Error 0x000006BA enumerating sessions\r\n",
        "Error [5]:Access is denied.\r\n",
        "Error 0x000006BA\r\nThe RPC server is unavailable.\r\n",
    ],
)
def test_what_is_no_listing(text: str) -> None:
    """What is none is not taken for nobody."""
    with pytest.raises(UnknownOutputError):
        parse(text)


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Whatever a host says is read, or refused as unknown."""
    try:
        rows = parse(text)
    except UnknownOutputError:
        return
    assert all(0 <= row.id <= 99999 and len(row.user) <= 42 for row in rows)
