"""What a program prints, on its way to a pipe, a terminal, the lines of many hosts, or a record."""

import codecs
from collections.abc import Callable
from typing import BinaryIO, Final, Protocol, TextIO

from hostprobe.formats import displayable
from hostprobe.transport.base import Listener

_LONGEST_LINE: Final = 1 << 14  # characters after which a line of many hosts is torn after all


class Channel(Protocol):
    """Where one of the two streams of one host goes."""

    def page(self, code_page: int | None) -> None:
        """Learn in which code page it is; None where the host did not tell."""

    def take(self, data: bytes) -> None:
        """Take what came."""

    def end(self) -> None:
        """No more comes."""


class AsItIs:
    """Bytes for a pipe or a file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def page(self, code_page: int | None) -> None:
        """Nothing is decoded."""

    def take(self, data: bytes) -> None:
        """Pass it on at once."""
        self._stream.write(data)
        self._stream.flush()

    def end(self) -> None:
        """Nothing is held back."""


class _Text:
    """Bytes to text, a piece at a time.

    Args:
        encoding: Whatever the host says; None for what it says.
    """

    def __init__(self, encoding: str | None) -> None:
        self._encoding = encoding
        self._decoder = _decoder(encoding, None)

    def page(self, code_page: int | None) -> None:
        """Decode what comes from now on as that page."""
        self._decoder = _decoder(self._encoding, code_page)

    def of(self, data: bytes, *, final: bool = False) -> str:
        """The text so far; a character that is cut in two waits for its rest."""
        return self._decoder.decode(data, final)


class Screen(_Text):
    """Text for a terminal, of one host."""

    def __init__(self, stream: TextIO, encoding: str | None) -> None:
        super().__init__(encoding)
        self._stream = stream

    def take(self, data: bytes) -> None:
        """Show it at once."""
        self._show(self.of(data))

    def end(self) -> None:
        """Show what was cut in two for good."""
        self._show(self.of(b"", final=True))

    def _show(self, text: str) -> None:
        self._stream.write(displayable(text))
        self._stream.flush()


class Lines(_Text):
    """Whole lines, each after the name of its host.

    A line is written with one call, so that no other host's stands in the middle of it.
    """

    def __init__(self, stream: TextIO, encoding: str | None, host: str) -> None:
        super().__init__(encoding)
        self._stream = stream
        self._host = host
        self._begun = ""

    def take(self, data: bytes) -> None:
        """Show the lines that are whole now."""
        *whole, self._begun = (self._begun + self.of(data)).split("\n")
        self._show(whole)
        if len(self._begun) > _LONGEST_LINE:
            self._show([self._begun])
            self._begun = ""

    def end(self) -> None:
        """Show the last line, though it does not end."""
        last, self._begun = self._begun + self.of(b"", final=True), ""
        if last:
            self._show([last])

    def _show(self, lines: list[str]) -> None:
        # A mere carriage return would let a host write over its own name.
        parts = (part for line in lines for part in line.rstrip("\r").split("\r"))
        if text := "".join(f"{self._host}: {displayable(part)}\n" for part in parts):
            self._stream.write(text)
            self._stream.flush()


class Kept(_Text):
    """Text for a record: as much as is kept of it.

    Args:
        encoding: As for `_Text`.
        most_bytes: What comes after these is lost.
    """

    def __init__(self, encoding: str | None, most_bytes: int) -> None:
        super().__init__(encoding)
        self._left = most_bytes
        self._parts: list[str] = []
        self.is_truncated = False

    def take(self, data: bytes) -> None:
        """Keep it, or its beginning."""
        self.is_truncated |= len(data) > self._left
        kept = data[: self._left]
        self._left -= len(kept)
        if kept:
            self._parts.append(self.of(kept))

    def end(self) -> None:
        """Keep what was cut in two for good."""
        if not self.is_truncated:
            self._parts.append(self.of(b"", final=True))

    @property
    def text(self) -> str:
        """All that was kept."""
        return "".join(self._parts)


class Relay(Listener):
    """Both streams of one host; where nobody takes them any more, the rest is lost.

    Args:
        out: For standard output.
        err: For standard error.
        gone: Called once when a channel cannot be written any more.
    """

    def __init__(self, out: Channel, err: Channel, gone: Callable[[OSError], None]) -> None:
        self._channels = (out, err)
        self._gone = gone
        self._is_gone = False

    def page(self, code_page: int | None) -> None:
        """As Listener.page."""
        for channel in self._channels:
            channel.page(code_page)

    def out(self, data: bytes) -> None:
        """As Listener.out."""
        self._try(lambda: self._channels[0].take(data))

    def err(self, data: bytes) -> None:
        """As Listener.err."""
        self._try(lambda: self._channels[1].take(data))

    def end(self) -> None:
        """No more comes."""
        for channel in self._channels:
            self._try(channel.end)

    def _try(self, write: Callable[[], None]) -> None:
        if self._is_gone:
            return
        try:
            write()
        except OSError as error:
            self._is_gone = True
            self._gone(error)


def _decoder(encoding: str | None, code_page: int | None) -> codecs.IncrementalDecoder:
    """Of the encoding, else of the page, else of UTF-8: what is none shows as codes then."""
    for name in (encoding, f"cp{code_page}"):
        if name and is_encoding(name):
            return codecs.getincrementaldecoder(name)("replace")
    return codecs.getincrementaldecoder("utf-8")("backslashreplace")


def is_encoding(name: str) -> bool:
    """Whether text can be decoded so."""
    try:
        b"\0\0\0\0".decode(name, "replace")  # not of nothing: that looks no codec up
    except (LookupError, ValueError):
        return False
    return True
