"""The lines of a file of aliases, with the user's own comments and order.

Source: hosts(5), RFC 952: an address, blanks, and names of it, of which the first is shown; `#`
begins a comment.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hostprobe.errors import InputFileError, TargetError, UsageError
from hostprobe.inventory.addresses import IPV4_PATTERN, identity
from hostprobe.inventory.aliases import Pair, alias_address, alias_name

_MOST_SHOWN = 5
# Most lines of a long file: an IPv4 address of one host, and a short name whose last part is no
# number.
_PLAIN = re.compile(
    rf"(?!0|22|23|255)({IPV4_PATTERN})[ \t]+"
    r"((?:[A-Za-z0-9]{1,20}\.){0,4}[A-Za-z][A-Za-z0-9]{0,20})"
)


@dataclass(frozen=True, slots=True)
class AliasLine:
    """One line.

    Attributes:
        text: As it was read, without its end.
        address: None where the line has none.
        names: Of that address.
    """

    text: str
    address: str | None = None
    names: tuple[str, ...] = ()

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """What it says."""
        return tuple((self.address, name) for name in self.names if self.address)

    def is_of(self, address: str) -> bool:
        """Whether it is about this address."""
        return self.address is not None and identity(self.address) == identity(address)

    def without(self, names: Iterable[str]) -> "AliasLine":
        """The line with its other names alone, and its comment."""
        kept = tuple(name for name in self.names if not _is_among(name, names))
        if kept == self.names or self.address is None:
            return self
        made = alias_line(self.address, kept)
        _, mark, comment = self.text.partition("#")
        return AliasLine(f"{made.text} {mark}{comment}" if mark else made.text, made.address, kept)


def alias_line(address: str, names: Sequence[str]) -> AliasLine:
    """The line that says this."""
    return AliasLine(f"{address:<15} {' '.join(names)}", address, tuple(names))


def text_lines(text: str) -> list[str]:
    """The lines of a text, without their ends; a form feed ends none."""
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")] if text else []


def read_lines(text: str, name: str) -> Iterator[AliasLine]:
    """The lines of a file that is called `name`.

    Raises:
        InputFileError: One is none of such a file.
    """
    for number, line in enumerate(text_lines(text), start=1):
        try:
            yield _line(line)
        except TargetError as error:
            msg = f"{name}, line {number}: {error}"
            raise InputFileError(msg) from error


def _line(text: str) -> AliasLine:
    if plain := _PLAIN.fullmatch(text):
        return AliasLine(text, plain[1], (plain[2],))
    words = text.partition("#")[0].split()
    if not words:
        return AliasLine(text)
    if len(words) == 1:
        msg = "an address has no name: write `10.1.2.3 exch01`"
        raise TargetError(msg)
    return AliasLine(text, alias_address(words[0]), tuple(map(alias_name, words[1:])))


def added(
    lines: Sequence[AliasLine], new: Sequence[AliasLine], *, replaces: bool
) -> tuple[AliasLine, ...]:
    """The lines with new ones behind them, each of which says all about its address.

    Args:
        lines: So far.
        new: What is added.
        replaces: Whether what the lines say otherwise gives way.

    Raises:
        UsageError: They say otherwise.
    """
    known = {pair for line in lines for pair in _keys(line)}
    fresh = [line for line in new if not set(_keys(line)) <= known]
    if not replaces:
        _require_new(lines, fresh)
    addresses = {identity(line.address) for line in fresh if line.address}
    names = {name.lower() for line in fresh for name in line.names}
    kept = (
        line.without(names)
        for line in lines
        if line.address is None or identity(line.address) not in addresses
    )
    return (*(line for line in kept if line.names or line.address is None), *fresh)


def _require_new(lines: Iterable[AliasLine], new: Sequence[AliasLine]) -> None:
    """See that nothing is said already of these addresses and names.

    Raises:
        UsageError: It is.
    """
    addresses = {identity(line.address) for line in new if line.address}
    names = {name.lower() for line in new for name in line.names}
    said = [
        f"{address} is {name}"
        for line in lines
        for address, name in line.pairs
        if identity(address) in addresses or name.lower() in names
    ]
    if said:
        more = f" and {len(said) - _MOST_SHOWN:,} more" if len(said) > _MOST_SHOWN else ""
        msg = f"{', '.join(said[:_MOST_SHOWN])}{more} already; --replace gives that up"
        raise UsageError(msg)


def removed(
    lines: Iterable[AliasLine], word: str
) -> tuple[tuple[AliasLine, ...], tuple[Pair, ...]]:
    """The lines without an address or a name, and what was said of it."""
    kept: list[AliasLine] = []
    gone: list[Pair] = []
    for line in lines:
        left = AliasLine("") if line.is_of(word) else line.without([word])
        gone += (pair for pair in line.pairs if pair not in left.pairs)
        if left.names or line.address is None:
            kept.append(left)
    return tuple(kept), tuple(gone)


def _keys(line: AliasLine) -> Iterator[tuple[int | str, str]]:
    return ((identity(address), name.lower()) for address, name in line.pairs)


def _is_among(name: str, names: Iterable[str]) -> bool:
    return name.lower() in {each.lower().removesuffix(".") for each in names}
