"""Harmless text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.formats._printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"C:\Program Files\Größe 文字.exe", r"C:\Program Files\Größe 文字.exe"),
        ("\x1b[2J\x07", r"\x1b[2J\x07"),
        ("a\r\nb\tc\x7f\x9b", r"a\r\nb\tc\x7f\x9b"),
        ("gpj\u202eexe", r"gpj\u202eexe"),
        ("a\u200bb\u2066c\u2028d\ufeff", r"a\u200bb\u2066c\u2028d\ufeff"),
        ("a\u3164b\ufe0fc\u2800\U000e0100", r"a\u3164b\ufe0fc\u2800\U000e0100"),
        ("svch\u043est.exe paypa\u217c \uff53vchost", r"svch\u043est.exe paypa\u217c \uff53vchost"),
        (
            "\u0441\u0432\u0447.exe \u03b1\u03b2 1\u043e",
            "\u0441\u0432\u0447.exe \u03b1\u03b2 1\u043e",
        ),
        ("svchost\xa0.exe", r"svchost\xa0.exe"),
        ("\udc80\ue000\U000e0041", r"\udc80\ue000\U000e0041"),
    ],
)
def test_what_does_not_show_is_spelled_out(text: str, shown: str) -> None:
    """Control, direction, zero-width and blank characters, and false Latin letters show."""
    assert printable(text) == shown


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_becomes_printable_for_good(text: str) -> None:
    """The result has nothing hidden, can be encoded, and is not changed a second time."""
    shown = printable(text)

    assert shown.isprintable()
    assert shown.encode().decode() == shown
    assert printable(shown) == shown


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_left_alone(text: str) -> None:
    """ASCII that shows is shown as it is, backslashes too."""
    assert printable(text) == text
