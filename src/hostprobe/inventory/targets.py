r"""One host to talk to, as a person types it.

Source: `host`, `host:port`, `\\host` (UNC, [MS-DTYP] 2.2.57), `[address]:port` (RFC 3986, 3.2.2);
names after RFC 1123, 2.1 and RFC 5890, addresses after RFC 4291, 2.2 and RFC 4007, 11.2.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hostprobe.errors import TargetError
from hostprobe.inventory.addresses import IPV4_PATTERN, is_ipv4
from hostprobe.inventory.quoting import quoted

SMB_PORT = 445

_MAX_NAME_LENGTH = 253
# Most hosts of a long list: an IPv4 address, or a name of ASCII labels whose last one is no number.
_PLAIN = re.compile(
    rf"({IPV4_PATTERN}"
    r"|(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)"
    r"(?::([0-9]{1,5}))?"
)
_BRACKETED = re.compile(r"\[(?P<host>[^\[\]]*:[^\[\]]*)\](?::(?P<port>.*))?", re.DOTALL)
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_RANGE = re.compile(r"(?:[0-9]+\.){3}[0-9]+-[0-9]+")
_ZONE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Target:
    """One host to talk to.

    Attributes:
        host: A name or an address, as typed; no brackets around an IPv6 address.
        port: TCP port of the SMB service.
        site: Where it stands, in lower case; None where no list and no inventory says so.
        username: As whom to log in there; None where no list and no inventory says so.
        address: That was found for `host` and answered; None where nobody has looked yet.
        alias: What the user calls the host, where `host` is the address that this stands for.
    """

    host: str
    port: int = SMB_PORT
    site: str | None = None
    username: str | None = None
    address: str | None = field(default=None, compare=False)
    alias: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        host = self.alias or self.host
        if self.port == SMB_PORT:
            return host
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"


def parse_target(text: str, default_port: int = SMB_PORT) -> Target:
    r"""Read `host`, `host:port`, `\\host`, or an IPv6 address with or without `[...]:port`.

    Raises:
        TargetError: The text does not name one host.
    """
    host, port = parse_host(text)
    return Target(host, port or default_port)


def read_targets(texts: Iterable[str], *, default_port: int = SMB_PORT) -> tuple[Target, ...]:
    """Read hosts, networks, ranges and lists (`@file`), each host once, in the order given.

    Raises:
        TargetError: A text or a line of a list does not name a host, or a list names none.
        InputFileError: A list cannot be read.
        UsageError: A text needs an inventory or stdin.
    """
    from hostprobe.inventory.selection import select  # noqa: PLC0415 - few who know Target need it

    return select(texts, default_port=default_port).targets


def parse_host(text: str) -> tuple[str, int | None]:
    """Read one host and its port; the port is None where none is given.

    Raises:
        TargetError: The text does not name one host.
    """
    plain = _PLAIN.fullmatch(text)
    if plain and len(text) <= _MAX_NAME_LENGTH:
        return plain[1], None if plain[2] is None else parse_port(plain[2], text)
    bare = text.removeprefix("\\\\")
    host, port = split_port(bare)
    problem = _misplaced(bare) or _host_problem(host)
    if problem:
        # What stands before an @ may be a password, as other programs take it there.
        shown = quoted(f"...{text[text.rfind('@') :]}" if "@" in text else text)
        msg = f"{shown} names no host: {problem}"
        raise TargetError(msg)
    return host, None if port is None else parse_port(port, text)


def split_port(text: str) -> tuple[str, str | None]:
    """What stands before the port, without brackets; the port is None where none is given."""
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed:
        return bracketed["host"], bracketed["port"]
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, port
    return text, None


def parse_port(port: str, text: str) -> int:
    """Read the port of the whole `text`.

    Raises:
        TargetError: It is no number from 1 to 65535.
    """
    if port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535:
        return int(port)
    msg = f"{quoted(text)} has a bad port: a port is a number from 1 to 65535"
    raise TargetError(msg)


def _misplaced(text: str) -> str | None:
    """What stands in the text beside a host and a port, in words; None where nothing does."""
    if "@" in text:
        return "the account goes into -u, and @ begins the name of a list"
    if "/" in text or "\\" in text:
        return "write the host alone, without a path, a share, a prefix length or a scheme"
    if any(char.isspace() or not char.isprintable() for char in text):
        return "a blank or a control character is in it"
    return None


def _host_problem(host: str) -> str | None:
    """Why this is no host, in words; None for a name or an address."""
    if not host:
        return "it is empty"
    return _address_problem(host) if ":" in host else _name_problem(host)


def _address_problem(host: str) -> str | None:
    address, percent, zone = host.partition("%")
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return "no IPv6 address; with a port it is written [::1]:4450"
    return "a bad zone" if percent and not _ZONE.fullmatch(zone) else None


def _name_problem(host: str) -> str | None:
    if len(host) > _MAX_NAME_LENGTH:
        return f"a name has at most {_MAX_NAME_LENGTH} characters"
    try:
        labels = host.encode("idna").decode("ascii").removesuffix(".").split(".")
    except UnicodeError:
        return "a part between dots is empty, over 63 characters, or no text a name can hold"
    if not all(_LABEL.fullmatch(label) for label in labels):
        return "a name has letters, digits, dots, and hyphens inside"
    if _RANGE.fullmatch(host):
        return "it is a range of addresses: name one host"
    # Resolvers read 10.1 as 10.0.0.1 and 010.0.0.1 as 8.0.0.1: a stranger's host.
    if _NUMBER.fullmatch(labels[-1]) and not is_ipv4(host):
        return "an IPv4 address has four numbers from 0 to 255 without leading zeros"
    return None
