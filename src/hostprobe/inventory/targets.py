"""Turn what a person types into targets.

Source: command-line arguments, and lists of hosts in text files, one host a line.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hostprobe.errors import TargetError
from hostprobe.inventory.quoting import quoted
from hostprobe.inventory.text_files import read_text

SMB_PORT = 445

_MAX_LIST_BYTES = 16 * 1024 * 1024
_MAX_NAME_LENGTH = 253
_BRACKETED = re.compile(r"\[(?P<host>[^\[\]]*:[^\[\]]*)\](?::(?P<port>.*))?", re.DOTALL)
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_ZONE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Target:
    """One host to talk to.

    Attributes:
        host: A name or an address, as typed; no brackets around an IPv6 address.
        port: TCP port of the SMB service.
    """

    host: str
    port: int = SMB_PORT

    def __str__(self) -> str:
        if self.port == SMB_PORT:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_targets(texts: Iterable[str], *, default_port: int = SMB_PORT) -> tuple[Target, ...]:
    """Read targets and lists of targets (`@file`), each host once, in the order given.

    Raises:
        TargetError: A text or a line of a list does not name a host, or a list names none.
        InputFileError: A list cannot be read.
    """
    targets: dict[tuple[str, int], Target] = {}
    for text in texts:
        for target in _targets_in(text, default_port):
            targets.setdefault((_canonical(target.host), target.port), target)
    return tuple(targets.values())


def parse_target(text: str, default_port: int = SMB_PORT) -> Target:
    r"""Read `host`, `host:port`, `\\host`, or an IPv6 address with or without `[...]:port`.

    Raises:
        TargetError: The text does not name one host.
    """
    bare = text.removeprefix("\\\\")
    host, port = _split(bare)
    problem = _misplaced(bare) or _host_problem(host)
    if problem:
        # What stands before an @ may be a password, as other programs take it there.
        shown = quoted(f"...{text[text.rfind('@') :]}" if "@" in text else text)
        msg = f"{shown} names no host: {problem}"
        raise TargetError(msg)
    if port is None:
        return Target(host, default_port)
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        msg = f"{quoted(text)} has a bad port: a port is a number from 1 to 65535"
        raise TargetError(msg)
    return Target(host, int(port))


def _targets_in(text: str, default_port: int) -> Iterable[Target]:
    if text.startswith("@"):
        return _listed(text[1:], default_port)
    return (parse_target(text, default_port),)


def _listed(path: str, default_port: int) -> Iterator[Target]:
    """The targets of a list; a `#` begins a comment."""
    number_of_hosts = 0
    lines = read_text(path, max_bytes=_MAX_LIST_BYTES).split("\n")
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            yield parse_target(text, default_port)
        except TargetError as error:
            msg = f"{quoted(path)}, line {number}: {error}"
            raise TargetError(msg) from error
        number_of_hosts += 1
    if not number_of_hosts:
        msg = f"{quoted(path)} names no host: write one a line"
        raise TargetError(msg)


def _split(text: str) -> tuple[str, str | None]:
    """Host and port; the port is None where none is given."""
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed:
        return bracketed["host"], bracketed["port"]
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, port
    return text, None


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
    # Resolvers read 10.1 as 10.0.0.1 and 010.0.0.1 as 8.0.0.1: a stranger's host.
    if _NUMBER.fullmatch(labels[-1]) and not _is_ipv4(host):
        return "an IPv4 address has four numbers from 0 to 255 without leading zeros"
    return None


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _canonical(host: str) -> str:
    """The same text for every spelling of a host."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.lower().removesuffix(".")
