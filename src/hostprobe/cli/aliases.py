"""The names of addresses, where a command reads or shows them."""

import functools
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from hostprobe.formats import Record
from hostprobe.inventory.alias_file import own_aliases
from hostprobe.inventory.aliases import NO_ALIASES, Aliases
from hostprobe.inventory.groups import Inventory
from hostprobe.inventory.targets import Target, parse_target, split_port

COLUMNS: Final[Mapping[str, str]] = {
    "local_address": "local_alias",
    "remote_address": "remote_alias",
    "source_address": "source_alias",
    "destination_address": "destination_alias",
}
"""The columns of addresses, and those of their names."""


@functools.cache
def own() -> Aliases:
    """The aliases of the user's own file, which is read once.

    Raises:
        InputFileError: It cannot be read.
    """
    return own_aliases()


@functools.cache
def inventory(path: Path) -> Inventory:
    """An inventory, with the user's own aliases behind its own; its file may be a pipe.

    Raises:
        InputFileError: It cannot be read.
    """
    # Imported here: few need it.
    from hostprobe.inventory.inventory_file import read_inventory  # noqa: PLC0415

    return read_inventory(path, own())


def known(path: Path | None) -> Aliases:
    """The aliases of the inventory at `path`, if any, and behind them the user's own.

    Raises:
        InputFileError: A file cannot be read.
    """
    return inventory(path).aliases if path else own()


def named(rows: Iterable[Record], aliases: Aliases) -> Iterator[Record]:
    """The rows of connections with the names of their addresses; None where there is none."""
    name = functools.cache(functools.partial(name_of, aliases))  # few addresses are in many rows
    for row in rows:
        yield {
            **row,
            "local_alias": name(row["local_address"]),
            "remote_alias": name(row["remote_address"]),
        }


def name_of(aliases: Aliases, address: object) -> str | None:
    """What an address is called on the other end; a loopback address there is not the one here."""
    if aliases is NO_ALIASES or not isinstance(address, str):
        return None
    if not (name := aliases.name_of(address)):
        return None
    known = ipaddress.ip_address(address.partition("%")[0])
    known = getattr(known, "ipv4_mapped", None) or known
    return None if known.is_loopback else name


def target_name(aliases: Aliases, target: str) -> str | None:
    """What a target is called that was named by its address; it keeps its port."""
    host, port = split_port(target)
    name = aliases.name_of(host)
    return f"{name}:{port}" if name and port else name


def target(text: str, default_port: int) -> Target:
    """The one host that a person types, by its address where its name is one of the user's own.

    Raises:
        TargetError: The text does not name one host.
        InputFileError: The user's aliases cannot be read.
    """
    typed = parse_target(text, default_port)
    addresses = own().addresses_of(typed.host)
    return replace(typed, host=addresses[0], alias=typed.host) if addresses else typed


def remark(targets: Iterable[Target]) -> str | None:
    """Which addresses are meant where targets were named by an alias; None where none was."""
    meant = [target for target in targets if target.alias]
    if len(meant) == 1:
        return f"{meant[0].alias} is {meant[0].host} (alias)"
    return f"{len(meant):,} hosts are named by an alias" if meant else None
