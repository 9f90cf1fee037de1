"""The lines of a file of aliases: read, added to, taken from, with the user's own comments."""

import ipaddress
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.errors import InputFileError, UsageError
from hostprobe.inventory.alias_lines import (
    AliasLine,
    added,
    alias_line,
    read_lines,
    removed,
)

FILE = """# servers
10.1.2.3\texch01 mail  # the old one

fd00::3 exch01.corp.example
"""

ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).filter(
    lambda address: not (address.is_unspecified or address.is_multicast or address.is_reserved)
)
LABELS = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
NAMES = st.builds("h{}.x{}".format, LABELS, LABELS)


def lines(text: str = FILE) -> tuple[AliasLine, ...]:
    """Those of a text."""
    return tuple(read_lines(text, "hosts"))


def text_of(made: tuple[AliasLine, ...]) -> str:
    """What is written of lines."""
    return "".join(f"{line.text}\n" for line in made)


def test_what_a_file_says() -> None:
    """Of each line address and names; comments and blank lines say nothing."""
    assert [pair for line in lines() for pair in line.pairs] == [
        ("10.1.2.3", "exch01"),
        ("10.1.2.3", "mail"),
        ("fd00::3", "exch01.corp.example"),
    ]


def test_what_is_read_is_written_as_it_was() -> None:
    """Comments, blanks and order are the user's."""
    assert text_of(lines()) == FILE
    assert lines("") == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("10.1.2.3", "line 2: an address has no name"),
        ("exch01 10.1.2.3", "line 2: .* no IP address"),
        ("10.1.2.3 a_b c:1", "line 2: .* without a port"),
        ("10.1.2.3 a\x00b", "line 2: "),
        ("10.1.2.3 a\u202eb", "line 2: "),
        ("# a comment\x0c10.9.9.9 hidden\n10.1.2.3 " + "x" * 300, "line 3: "),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, reason: str) -> None:
    """The error has file and line; a form feed in a comment begins no line."""
    with pytest.raises(InputFileError, match=f"hosts, {reason}"):
        lines(f"# head\n{line}\n")


def test_a_new_line_comes_last() -> None:
    """The others stay as they are."""
    made = added(lines(), [alias_line("10.1.2.9", ["dc01"])], replaces=False)
    assert text_of(made) == f"{FILE}10.1.2.9        dc01\n"


def test_what_is_said_already_is_not_said_again() -> None:
    """The same address and name, in whatever spelling, change nothing."""
    same = [alias_line("10.1.2.3", ["EXCH01"])]
    assert added(lines(), same, replaces=False) == lines()


@pytest.mark.parametrize(
    ("address", "name", "said"),
    [
        ("10.1.2.3", "other", "10.1.2.3 is exch01, 10.1.2.3 is mail already"),
        ("10.1.2.9", "Mail", "10.1.2.3 is mail already"),
    ],
)
def test_another_meaning_is_refused(address: str, name: str, said: str) -> None:
    """Neither address nor name changes its meaning unless the user says so."""
    with pytest.raises(UsageError, match=f"{said}; --replace"):
        added(lines(), [alias_line(address, [name])], replaces=False)


def test_many_other_meanings_are_told_in_short() -> None:
    """A large import names the first ones."""
    old = [alias_line(f"10.0.0.{n}", [f"h{n}"]) for n in range(1, 9)]
    new = [alias_line(f"10.0.0.{n}", [f"n{n}"]) for n in range(1, 9)]
    with pytest.raises(UsageError, match=r"10\.0\.0\.5 is h5 and 3 more already"):
        added(old, new, replaces=False)


def test_a_replacement_gives_up_what_was() -> None:
    """The address loses its names, and the name its address; comments stay."""
    made = added(lines(), [alias_line("10.1.2.9", ["mail"])], replaces=True)
    assert text_of(made).splitlines()[1] == "10.1.2.3        exch01 # the old one"
    assert text_of(made).splitlines()[-1] == "10.1.2.9        mail"
    made = added(lines(), [alias_line("10.1.2.3", ["other"])], replaces=True)
    assert "exch01 mail" not in text_of(made)
    made = added(lines(), [alias_line("10.1.2.9", ["exch01.corp.example"])], replaces=True)
    assert "fd00::3" not in text_of(made)


@pytest.mark.parametrize(
    ("word", "gone"),
    [
        ("MAIL", (("10.1.2.3", "mail"),)),
        ("10.1.2.3", (("10.1.2.3", "exch01"), ("10.1.2.3", "mail"))),
        ("FD00:0::3", (("fd00::3", "exch01.corp.example"),)),
        ("exch01.corp.example.", (("fd00::3", "exch01.corp.example"),)),
        ("nobody", ()),
    ],
)
def test_what_is_removed(word: str, gone: tuple[tuple[str, str], ...]) -> None:
    """A name alone, or an address with all its names; nothing else."""
    made, said = removed(lines(), word)
    assert said == gone
    before = [pair for line in lines() for pair in line.pairs]
    assert [pair for line in made for pair in line.pairs] == [p for p in before if p not in gone]
    assert made[0].text == "# servers"


@given(st.dictionaries(ADDRESSES, NAMES, max_size=8))
def test_what_is_added_can_be_read_and_removed(
    named: dict[ipaddress.IPv4Address | ipaddress.IPv6Address, str],
) -> None:
    """Any aliases survive the file, and a name that is removed is gone alone."""
    made: tuple[AliasLine, ...] = ()
    for address, name in named.items():
        made = added(made, [alias_line(str(address), [name])], replaces=True)
    assert tuple(read_lines(text_of(made), "hosts")) == made
    pairs = [pair for line in made for pair in line.pairs]
    for pair in pairs:
        left, gone = removed(made, pair[1])
        assert gone == (pair,)
        assert [each for line in left for each in line.pairs] == [p for p in pairs if p != pair]


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is in a file, it is an alias or an error that names the line."""
    try:
        found = lines(text)
    except InputFileError as error:
        assert "hosts, line" in str(error)  # noqa: PT017 - either will do
    else:
        assert all(name.isascii() for line in found for name in line.names)
