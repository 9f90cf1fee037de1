"""Which dialect a listing is in."""

from pathlib import Path

import pytest

from hostprobe.errors import InputFileError
from hostprobe.evidence.flows import Flow, Item, dialects, read

_CLASSIC = "Fa0/0 192.0.2.1 Local 192.0.2.2 {} 0401 07d0 8"


def _read(*lines: str, dialect: str | None = None) -> tuple[str, list[Item]]:
    name, items = read(lines, source="flows.txt", dialect=dialect)
    return name, list(items)


@pytest.mark.parametrize(
    ("protocols", "dialect"),
    [
        (["06"], "classic"),
        (["11", "06"], "classic"),
        (["2F"], "classic"),
        (["11"], "classic"),
        (["6"], "flowctl"),
        (["17", "6"], "flowctl"),
        (["17", "103"], "flowctl"),
        (["17"], "flowctl"),
    ],
)
def test_hexadecimal_or_decimal(protocols: list[str], dialect: str) -> None:
    """All rows together tell whether the protocol is IOS's hexadecimal or FreeBSD's decimal."""
    name, items = _read(*map(_CLASSIC.format, protocols))

    assert name == dialect
    assert all(isinstance(item, Flow) for item in items)


@pytest.mark.parametrize("protocols", [["58"], ["17", "11"]])
def test_in_doubt(protocols: list[str]) -> None:
    """Where protocols may be in either radix the user is asked, and can say it."""
    rows = list(map(_CLASSIC.format, protocols))
    with pytest.raises(InputFileError, match=r"^flows\.txt: .*--dialect classic.*flowctl"):
        _read(*rows)

    _, items = _read(*rows, dialect="flowctl")
    assert [item.protocol for item in items if isinstance(item, Flow)] == list(map(int, protocols))


def test_blocks_are_of_ios() -> None:
    """A listing with the blocks that IOS prints is in hexadecimal, whatever its protocols."""
    title = "IP Flow Switching Cache, 278544 bytes"

    assert _read(title, _CLASSIC.format("58"))[0] == "classic"
    assert _read(title)[0] == "classic"


def test_the_command_is_of_ios() -> None:
    """Behind the command that was typed, rows are in hexadecimal, whatever their protocols."""
    echo = "R1#show ip cache flow | include 192.0.2.1"

    name, items = _read(echo, _CLASSIC.format("47"))
    assert name == "classic"
    assert [item.protocol for item in items if isinstance(item, Flow)] == [0x47]


@pytest.mark.parametrize(
    "lines",
    [
        [*map(_CLASSIC.format, ("06", "06", "06", "17", "6"))],
        [*map(_CLASSIC.format, ("6", "6", "17", "06"))],
        ["R1#show ip cache flow", *map(_CLASSIC.format, ("17", "6"))],
    ],
)
def test_two_radixes(lines: list[str]) -> None:
    """A file with rows that only IOS and rows that only FreeBSD prints is read as neither."""
    with pytest.raises(InputFileError, match="rows of IOS and of FreeBSD"):
        _read(*lines)


@pytest.mark.parametrize("lines", [["nothing"], ["a,b,c", "1,2,3"], ["=====  ====="]])
def test_an_unknown_listing(lines: list[str]) -> None:
    """What is in no dialect is an error that names the file and every dialect."""
    with pytest.raises(InputFileError) as caught:
        _read(*lines)

    assert str(caught.value).startswith("flows.txt: ")
    assert all(name in str(caught.value) for name in dialects())


@pytest.mark.parametrize("lines", [[], ["", "  "]])
def test_an_empty_file(lines: list[str]) -> None:
    """An empty file is an error of its own."""
    with pytest.raises(InputFileError, match=r"flows\.txt: is empty"):
        _read(*lines)


def test_a_dialect_that_was_named() -> None:
    """A dialect that the user named is not questioned: what it cannot read is unread."""
    name, items = _read(_CLASSIC.format("06"), dialect="mls")

    assert name == "mls"
    assert [type(item).__name__ for item in items] == ["Unread"]


@pytest.mark.parametrize(
    "folder",
    sorted((Path(__file__).parents[3] / "listings").glob("*/")),
    ids=lambda folder: folder.name,
)
def test_what_comes_before_does_not_matter(folder: Path) -> None:
    """A listing is recognised behind a greeting, a prompt and a pager."""
    lines = (folder / "listing.txt").read_text("utf-8").splitlines()
    greeting = ["*" * 40, "Unauthorised access is prohibited. Call +1 (555) 01:02", "=====", "R1>"]

    expected, _ = read(lines, source="x")
    assert read([*greeting, *lines], source="x")[0] == expected
    paged = [f" --More-- \x08\x08{line}" for line in lines]
    assert read(paged, source="x")[0] == expected
