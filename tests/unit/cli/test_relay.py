"""What a program prints, on its way to whoever looks."""

import io

import pytest

from hostprobe.cli.relay import AsItIs, Channel, Kept, Lines, Relay, Screen, is_encoding


def show(channel: Channel, *pieces: bytes, page: int | None = None) -> None:
    """Let a program print the pieces, and end."""
    channel.page(page)
    for piece in pieces:
        channel.take(piece)
    channel.end()


def test_bytes_for_a_pipe_stay_as_they_are() -> None:
    """A pipe gets what the program printed, byte by byte, as soon as it comes."""
    file = io.BytesIO()
    show(AsItIs(file), b"\x1b[31m\x84\r", b"\n\0")
    assert file.getvalue() == b"\x1b[31m\x84\r\n\0"


def test_a_terminal_is_not_driven() -> None:
    """Escape sequences show as codes, line ends stay, a cut character waits for its rest."""
    file = io.StringIO(newline="")
    show(Screen(file, None), b"a\tb\r\n\x1b]0;x\x07gr\xc3", b"\xbc\xc3", page=65001)
    assert file.getvalue() == "a\tb\r\n\\x1b]0;x\\x07grü�"


@pytest.mark.parametrize(
    ("encoding", "page", "shown"),
    [
        (None, 850, "grün"),
        ("cp437", 852, "grün"),
        (None, None, r"gr\x81n"),
        (None, 99999, r"gr\x81n"),
        ("cp1251", None, "grЃn"),
    ],
)
def test_text_is_read_in_the_page_that_is_known(
    encoding: str | None, page: int | None, shown: str
) -> None:
    """What the user names goes before what the host says; where nobody knows, codes are shown."""
    file = io.StringIO()
    show(Screen(file, encoding), b"gr\x81n", page=page)
    assert file.getvalue() == shown


def test_lines_have_the_name_of_their_host() -> None:
    """Each line comes whole, the last too; a carriage return cannot write over the name."""
    file = io.StringIO()
    show(Lines(file, None, "web01"), b"one\r\ntw", b"o\r\r\n", b"10%\r20%\n\nend", page=437)
    assert file.getvalue() == (
        "web01: one\nweb01: two\nweb01: 10%\nweb01: 20%\nweb01: \nweb01: end\n"
    )


def test_a_line_without_end_is_bounded() -> None:
    """A line that never ends is torn rather than kept."""
    file = io.StringIO()
    channel = Lines(file, None, "web01")
    channel.take(b"x" * 20_000)
    assert file.getvalue() == f"web01: {'x' * 20_000}\n"
    channel.end()
    assert file.getvalue().count("web01") == 1


@pytest.mark.parametrize(
    ("most", "kept", "is_truncated"), [(9, "grünes", False), (6, "grünes", False), (3, "grü", True)]
)
def test_a_record_keeps_the_beginning(most: int, kept: str, *, is_truncated: bool) -> None:
    """Of each stream so many bytes are kept, and whether that is all is told."""
    channel = Kept(None, most)
    show(channel, b"gr\x81", b"nes", page=850)
    assert (channel.text, channel.is_truncated) == (kept, is_truncated)


def test_nobody_reads() -> None:
    """Where a channel cannot be written any more it is told once, and the rest is lost."""

    class Gone(io.BytesIO):
        def write(self, _data: object) -> int:
            raise BrokenPipeError

    told: list[OSError] = []
    relay = Relay(AsItIs(Gone()), AsItIs(io.BytesIO()), told.append)
    relay.page(850)
    relay.out(b"one")
    relay.err(b"two")
    relay.end()
    assert [type(error) for error in told] == [BrokenPipeError]


@pytest.mark.parametrize(
    ("name", "is_one"), [("cp932", True), ("utf-16-le", True), ("rot13", False), ("nope", False)]
)
def test_encodings(name: str, *, is_one: bool) -> None:
    """An encoding is what makes text of bytes."""
    assert is_encoding(name) is is_one
