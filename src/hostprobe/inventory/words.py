"""Read the words that name hosts: on a command line, in a list, in a report of another program.

Source: command-line arguments: hosts, networks, ranges, `@FILE`, `-` for stdin, and of an inventory
`group:NAME`, `site:NAME` and `all:`. A file has one such word a line (`#` begins a comment), or is
a table (CSV) or a report of nmap; which one it is, its content says.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

from hostprobe.errors import TargetError, UsageError
from hostprobe.inventory.groups import Inventory
from hostprobe.inventory.host_tables import find_table, table_rows
from hostprobe.inventory.mentions import (
    NOTHING_SET,
    Mention,
    Settings,
    addressed,
    parse_mention,
)
from hostprobe.inventory.nmap_xml import hosts_up
from hostprobe.inventory.quoting import quoted, quoted_path
from hostprobe.inventory.text_files import read_stream, read_text

_MAX_LIST_BYTES = 64 * 1024 * 1024
_KEYWORD = re.compile(r"(?:(group|site):(?![0-9]+\Z)(.+)|all:)", re.IGNORECASE | re.DOTALL)

Row = tuple[int, str, Settings]


def read_words(
    words: Iterable[str], inventory: Inventory | None, stdin: BinaryIO | None
) -> Iterator[Mention]:
    """What the words of a command line name, in their order.

    Raises:
        TargetError: A word, or a line of a list, names no host, or a list names none.
        InputFileError: A list cannot be read.
        UsageError: A word needs the inventory or stdin, and there is none, or not what it names.
    """
    for word in words:
        if word == "-":
            if stdin is None:
                msg = "'-' is stdin, and there is nothing to read from it"
                raise UsageError(msg)
            text = read_stream(stdin, "stdin", max_bytes=_MAX_LIST_BYTES)
            yield from _listed(text, "stdin", inventory)
        elif word.startswith("@"):
            text = read_text(word[1:], max_bytes=_MAX_LIST_BYTES)
            yield from _listed(text, quoted_path(word[1:]), inventory)
        else:
            yield from _mentions(word, NOTHING_SET, inventory)


def _listed(text: str, name: str, inventory: Inventory | None) -> Iterator[Mention]:
    """What the file, or stdin, that is called `name` names."""
    rows, way_out = _rows(text, name)
    is_empty = True
    for number, word, settings in rows:
        is_empty = False
        try:
            yield from _mentions(word, settings, inventory)
        except UsageError as error:
            msg = f"{name}, line {number}: {error}"
            raise type(error)(msg) from error
    if is_empty:
        msg = f"{name} names no host: {way_out}"
        raise TargetError(msg)


def _rows(text: str, name: str) -> tuple[Iterable[Row], str]:
    """What each line says, and what to do if there is none."""
    if text.lstrip().startswith("<"):
        hosts = hosts_up(text, name)
        rows = ((line, host, NOTHING_SET) for line, host in hosts)
        return rows, "no host in this report of nmap is up, with 445/tcp open"
    lines = text.split("\n")
    table = find_table(lines, name)
    if table:
        return table_rows(lines, table, name), "it has a heading and no row"
    return _plain_rows(lines), "write one a line"


def _plain_rows(lines: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if text:
            yield number, text, NOTHING_SET


def _mentions(word: str, settings: Settings, inventory: Inventory | None) -> Iterable[Mention]:
    keyword = _KEYWORD.fullmatch(word) if ":" in word else None
    if keyword:
        return _of_inventory(keyword, settings, inventory)
    mention = parse_mention(word, settings)
    return (addressed(mention, inventory.aliases) if inventory else mention,)


def _of_inventory(
    keyword: re.Match[str], settings: Settings, inventory: Inventory | None
) -> Iterable[Mention]:
    """What a word such as `site:london` names; what is set for the word goes before."""
    if inventory is None:
        problem = "names hosts of an inventory: give its file with --inventory FILE"
        msg = f"{quoted(keyword[0])} {problem}"
        raise UsageError(msg)
    kind, name = keyword.groups()
    if kind is None:
        found = inventory.everything()
    else:
        found = inventory.group(name) if kind.lower() == "group" else inventory.site(name)
    return (replace(each, settings=settings.or_else(each.settings)) for each in found)
