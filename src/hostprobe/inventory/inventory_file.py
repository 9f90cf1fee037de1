r"""Read an inventory file: the hosts of a network in groups, and names for addresses.

Source: TOML 1.0 of this form; every key but `groups` is optional, an unknown one is an error.

    [groups.mail]
    hosts = ["exch01", "10.1.9.0/28", "10.1.8.1-9", "[fd00::1]:4450"]
    groups = ["dns"]        # all hosts of these are hosts of this group too
    user = 'CORP\probe'     # what is set here holds for each host of the group
    port = 445              # that says nothing itself, by its own port or in a group inside
    site = "london"

    [groups.dns]
    hosts = ["dc01", "dc02"]

    [aliases]
    "10.1.2.3" = "exch01"   # an address and its name: exch01 names 10.1.2.3

Names of groups and sites are blind to case, and more than digits. A group has hosts or groups.
"""

import graphlib
import ipaddress
import tomllib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from hostprobe.errors import InputFileError, TargetError
from hostprobe.inventory.addresses import identity
from hostprobe.inventory.aliases import NO_ALIASES, Aliases
from hostprobe.inventory.groups import Group, Inventory, inventory_of
from hostprobe.inventory.mentions import Mention, Settings, parse_mention
from hostprobe.inventory.quoting import quoted, quoted_path
from hostprobe.inventory.targets import parse_host
from hostprobe.inventory.text_files import read_text

_MAX_FILE_BYTES = 4 * 1024 * 1024


def read_inventory(path: str | Path, others: Aliases = NO_ALIASES) -> Inventory:
    """Read an inventory file.

    Args:
        path: Of the file.
        others: Names for addresses that hold where the file says nothing.

    Raises:
        InputFileError: It cannot be read, or is no inventory; the message names the key.
    """
    file = quoted_path(path)
    text = read_text(path, max_bytes=_MAX_FILE_BYTES)
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{file} is no TOML: {str(error) or 'nested too deep'}"
        raise InputFileError(msg) from error
    top = _Value(file, "", content).table("groups", "aliases")
    if "groups" not in top:
        msg = f"{file} has no group: write [groups.NAME], and below it hosts = [...]"
        raise InputFileError(msg)
    groups = _groups(top["groups"])
    aliases = _aliases(top["aliases"]) if "aliases" in top else {}
    try:
        return inventory_of(groups, aliases, others)
    except graphlib.CycleError as error:
        msg = f"{file}: a group is inside itself: {' < '.join(map(str, error.args[1]))}"
        raise InputFileError(msg) from error


@dataclass(frozen=True, slots=True)
class _Value:
    """A value of the file, which knows where it stands."""

    file: str
    key: str
    value: object

    def refuse(self, problem: str) -> NoReturn:
        msg = f"{self.file}, {quoted(self.key)}: {problem}"
        raise InputFileError(msg)

    def members(self) -> dict[str, "_Value"]:
        if not isinstance(self.value, dict):
            self.refuse("it has to be a table")
        prefix = f"{self.key}." if self.key else ""
        return {key: _Value(self.file, prefix + key, value) for key, value in self.value.items()}

    def table(self, *keys: str) -> dict[str, "_Value"]:
        members = self.members()
        for key, member in members.items():
            if key not in keys:
                member.refuse(f"unknown; the keys here are {', '.join(keys)}")
        return members

    def texts(self) -> Iterator["_Value"]:
        if not isinstance(self.value, list):
            self.refuse('it has to be a list of texts, as ["dc01", "dc02"]')
        for number, value in enumerate(self.value, start=1):
            yield _Value(self.file, f"{self.key}[{number}]", value)

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.refuse("it has to be a text in quotes")
        if not self.value.isprintable() or self.value != self.value.strip() or not self.value:
            self.refuse("empty, a blank at an end, or a control character")
        return self.value

    def port(self) -> int:
        if type(self.value) is not int or not 1 <= self.value <= 65535:
            self.refuse("a port is a number from 1 to 65535")
        return self.value


def _groups(groups: _Value) -> dict[str, Group]:
    named: dict[str, _Value] = {}
    for name, value in groups.members().items():
        key = _name(_Value(value.file, value.key, name))
        if key in named:
            value.refuse("a group of this name, in other letters, is there already")
        named[key] = value
    return {key: _group(value, named) for key, value in named.items()}


def _group(group: _Value, names: Container[str]) -> Group:
    keys = group.table("hosts", "groups", "user", "port", "site")
    hosts = tuple(_host(each) for each in keys["hosts"].texts()) if "hosts" in keys else ()
    inner: tuple[str, ...] = ()
    if "groups" in keys:
        inner = tuple(_inner(each, names) for each in keys["groups"].texts())
    if not hosts and not inner:
        group.refuse("it names no host: give it hosts or groups")
    settings = Settings(
        port=keys["port"].port() if "port" in keys else None,
        site=_name(keys["site"]) if "site" in keys else None,
        username=keys["user"].text() if "user" in keys else None,
    )
    return Group(hosts=hosts, settings=settings, groups=inner)


def _host(host: _Value) -> Mention:
    try:
        return parse_mention(host.text())
    except TargetError as error:
        host.refuse(str(error))


def _inner(name: _Value, names: Container[str]) -> str:
    if _name(name) not in names:
        name.refuse(f"there is no group {quoted(name.text())}")
    return _name(name)


def _name(name: _Value) -> str:
    text = name.text().lower()
    if text.isdigit():
        name.refuse("a name is more than digits, which would mean a port")
    return text


def _aliases(aliases: _Value) -> dict[str, str]:
    return dict(_alias(address, name) for address, name in aliases.members().items())


def _alias(address: str, name: _Value) -> tuple[str, str]:
    try:
        shown = str(ipaddress.ip_address(address))
    except ValueError:
        name.refuse('the key has to be an IP address, as "10.1.2.3"')
    try:
        host, port = parse_host(name.text())
    except TargetError as error:
        name.refuse(str(error))
    if port is not None or not isinstance(identity(host), str):
        name.refuse("it has to be a name, without a port")
    return shown, host
