"""Bytes of a console program to text."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.transport.decoding import code_page_of, decode, decode_saved


@pytest.mark.parametrize(
    ("line", "page"),
    [
        (b"Active code page: 437\r\n", 437),
        (b"Aktive Codepage: 850.\r\n", 850),
        ("現在のコード ページ: 932\r\n".encode("cp932"), 932),
        (b"Active code page: 65001", 65001),
        (b"'chcp.com' is not recognized", None),
        (b"Active code page: 4294967296", None),
        (b"", None),
    ],
)
def test_code_page(line: bytes, page: int | None) -> None:
    """The answer of chcp is read in any language, and no other number is taken for one."""
    assert code_page_of(line) == page


@pytest.mark.parametrize(
    ("text", "page"), [("ABHÖREN", 850), ("状態", 932), ("КБ", 866), ("é", 65001), ("状态", 936)]
)
def test_a_host_is_read_in_its_code_page(text: str, page: int) -> None:
    """The bytes of a host are read in the code page that it names."""
    assert decode(text.encode(f"cp{page}"), page) == text


@pytest.mark.parametrize("page", [None, 37, 99999])
def test_an_unknown_code_page_is_guessed(page: int | None) -> None:
    """A host that names no code page, or one that nobody knows, is still read."""
    assert decode("ABHÖREN".encode("cp850"), page) == "ABHÖREN"


def test_a_byte_outside_the_code_page_stays_visible() -> None:
    """What is no character in the host's code page becomes U+FFFD, and the rest is kept."""
    assert decode(b"a\xffb", 65001) == "a�b"


@pytest.mark.parametrize(
    ("start", "codec"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF8, "utf-8"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (b"", "utf-8"),
        (b"", "cp850"),
        (b"", "cp1252"),
    ],
)
def test_a_saved_file_says_its_encoding(start: bytes, codec: str) -> None:
    """A saved file is read by its BOM, by its NULs, as UTF-8, or as Western European."""
    text = "Aktive Verbindungen: ABHÖREN\r\n"

    assert decode_saved(start + text.encode(codec)) == text


@pytest.mark.parametrize("text", ["Dirección local", "État", "Conexões ativas, Endereço"])
@pytest.mark.parametrize("codec", ["cp850", "cp1252"])
def test_oem_is_told_from_ansi(text: str, codec: str) -> None:
    """Headers of Western European listings are read right in the OEM and the ANSI code page."""
    assert decode_saved(text.encode(codec)) == text


def test_a_saved_file_is_read_in_the_code_page_that_is_named() -> None:
    """What is not UTF-8 is read in the code page that the caller names."""
    assert decode_saved("イメージ名".encode("cp932"), 932) == "イメージ名"


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_file_cut_within_a_character_keeps_the_rest(codec: str) -> None:
    """A file that ends in half a character is read up to there, in its own encoding."""
    data = "État: LISTENING, é".encode(codec)[:-1]

    assert decode_saved(data) == "État: LISTENING, �"


@given(data=st.binary(), page=st.none() | st.integers(-1, 70000))
def test_any_bytes_are_text(data: bytes, page: int | None) -> None:
    """No bytes and no code page make decoding fail, and ASCII lines come out unharmed."""
    assert decode(data + b"\nTCP\n", 437).endswith("\nTCP\n")
    assert isinstance(decode(data, page), str)
    assert isinstance(decode_saved(data, page), str)


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=300))
def test_utf8_comes_back(text: str) -> None:
    """Whatever was saved as UTF-8 is read as it was."""
    assert decode_saved(text.encode()) == text
