"""How a text of the user is decoded."""

import io
from pathlib import Path

import pytest

from hostprobe.errors import InputFileError
from hostprobe.inventory.text_files import read_stream, read_text


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"], ids=str
)
@pytest.mark.parametrize("text", ["dc01\r\n", "# Zürich €\ndc01\n", "a"])
def test_a_text_is_read_in_every_usual_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    """UTF-16 is known by its mark, or, as some programs write it without one, by its NULs."""
    file = tmp_path / "hosts.txt"
    file.write_bytes(text.encode(encoding))

    assert read_text(file, max_bytes=100) == text


def test_utf_16_with_the_mark_of_big_endian_is_read() -> None:
    """The mark says the byte order."""
    stream = io.BytesIO(b"\xfe\xff" + "日本".encode("utf-16-be"))

    assert read_stream(stream, "stdin", max_bytes=100) == "日本"


def test_an_empty_text_is_a_text() -> None:
    """What has no byte is no error here."""
    assert not read_stream(io.BytesIO(), "stdin", max_bytes=100)


@pytest.mark.parametrize(
    "content", [b"\0", b"a\0b", b"se\0cret!", b"\xff\xfea", b"\xff\xfe\x00\xd8", b"Z\xfcrich"]
)
def test_what_is_no_text_is_refused_without_showing_it(content: bytes) -> None:
    """A few NULs make no UTF-16, and the decoder's own error would hold a password."""
    with pytest.raises(InputFileError, match="stdin: not UTF-8 text") as caught:
        read_stream(io.BytesIO(content), "stdin", max_bytes=100)

    assert not isinstance(caught.value.__context__, UnicodeError)


def test_a_text_is_bounded() -> None:
    """What is larger than allowed is not read to its end."""
    stream = io.BytesIO(b"a" * 1000)

    with pytest.raises(InputFileError, match="stdin: larger than 10 bytes"):
        read_stream(stream, "stdin", max_bytes=10)

    assert stream.tell() == 11


def test_a_closed_stream_is_an_error_of_ours() -> None:
    """A program started without a stdin gets one line, not a traceback."""
    stream = io.BytesIO()
    stream.close()

    with pytest.raises(InputFileError, match="cannot read stdin: it is closed"):
        read_stream(stream, "stdin", max_bytes=10)


@pytest.mark.parametrize(("name", "reason"), [("none", "No such file"), ("a\0b", "not a file")])
def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, name: str, reason: str) -> None:
    """The error names the file and the cause."""
    with pytest.raises(InputFileError, match=reason):
        read_text(tmp_path / name, max_bytes=10)
