"""Keep names of your own for addresses."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from hostprobe.cli import exit_codes
from hostprobe.cli.commands._base import Command
from hostprobe.cli.console import say, tell
from hostprobe.errors import UsageError
from hostprobe.inventory import alias_file
from hostprobe.inventory.alias_lines import AliasLine, added, alias_line, removed
from hostprobe.inventory.alias_tables import read_import
from hostprobe.inventory.aliases import Pair, alias_address, alias_name
from hostprobe.inventory.quoting import quoted
from hostprobe.inventory.text_files import read_stream, read_text

_MAX_IMPORT_BYTES: Final = 4 * 1024 * 1024

Replace = Annotated[
    bool, typer.Option("--replace", help="give up what these addresses and names were before")
]


def alias() -> None:
    """Keep names of your own for addresses.

    Tables show the name, and as a target it stands for its address and goes before DNS. In csv,
    json and jsonl addresses stay, and the columns local_alias and remote_alias have the names.
    """


def add(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="IPv4 or IPv6")],
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", help="its names; the first one is shown")
    ],
    *,
    replaces: Replace = False,
) -> int:
    """Give an address a name."""
    line = alias_line(alias_address(address), [alias_name(name) for name in names])
    alias_file.change(lambda lines: added(lines, [line], replaces=replaces))
    say(f"{line.address} is {line.names[0]}; as a target that name goes before DNS now")
    return 0


def list_all() -> int:
    """List all names, as the file has them."""
    pairs = [pair for line in alias_file.alias_lines() for pair in line.pairs]
    width = max((len(address) for address, _ in pairs), default=0)
    tell(f"{address:<{width}}  {name}" for address, name in pairs)
    if not pairs:
        say("there is no alias yet: `hostprobe alias add 10.1.2.3 exch01` makes one")
        return exit_codes.NOTHING_MATCHED
    return 0


def remove(
    words: Annotated[
        list[str],
        typer.Argument(metavar="NAME|ADDRESS...", help="a name, or an address with all its names"),
    ],
) -> int:
    """Forget names."""
    gone: list[Pair] = []
    unknown: list[str] = []

    def edit(lines: Sequence[AliasLine]) -> Sequence[AliasLine]:
        for word in words:
            lines, found = removed(lines, word)
            gone.extend(found)
            unknown.extend(() if found else [word])
        return lines

    alias_file.change(edit)
    for address, name in gone:
        say(f"{address} is {name} no more")
    for word in unknown:
        say(f"no alias {quoted(word)}: `hostprobe alias list` has all")
    return exit_codes.NOTHING_MATCHED if unknown else 0


def import_file(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="a hosts file, or CSV with the columns address and name; - is stdin",
        ),
    ],
    *,
    replaces: Replace = False,
) -> int:
    """Take over the names in a file, all or none."""
    lines, left_out = read_import(_read(file), quoted(file))
    alias_file.change(lambda known: added(known, lines, replaces=replaces))
    addresses = "1 address has" if len(lines) == 1 else f"{len(lines):,} addresses have"
    say(f"{addresses} the names of {quoted(file)} now")
    if left_out:
        were = "1 line" if left_out == 1 else f"{left_out:,} lines"
        say(f"{were} left out: loopback and the like are another host on each host")
    return 0


def _read(file: str) -> str:
    if file != "-":
        return read_text(Path(file), max_bytes=_MAX_IMPORT_BYTES)
    stdin = getattr(sys.stdin, "buffer", None)
    if stdin is None:
        msg = "'-' is stdin, and there is nothing to read from it"
        raise UsageError(msg)
    return read_stream(stdin, "stdin", max_bytes=_MAX_IMPORT_BYTES)


COMMAND = Command(
    run=alias,
    examples="""\b
Examples:
  hostprobe alias add 10.1.2.3 exch01
  hostprobe alias import /etc/hosts
  hostprobe connections exch01 --remote mail-relay""",
    below={
        "add": Command(
            run=add,
            examples="""\b
Examples:
  hostprobe alias add 10.1.2.3 exch01
  hostprobe alias add fd00::3 exch01.corp.example exch01
  hostprobe alias add 10.1.2.9 exch01 --replace""",
        ),
        "list": Command(
            run=list_all,
            examples="""\b
Examples:
  hostprobe alias list""",
        ),
        "remove": Command(
            run=remove,
            examples="""\b
Examples:
  hostprobe alias remove exch01
  hostprobe alias remove 10.1.2.3 fd00::3""",
        ),
        "import": Command(
            run=import_file,
            examples="""\b
Examples:
  hostprobe alias import /etc/hosts
  hostprobe alias import servers.csv --replace
  hostprobe alias import -""",
        ),
    },
)
