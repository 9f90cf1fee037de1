"""The hosts in a report of nmap.

Source: `nmap -oX` (nmap.dtd 1.05): `nmaprun/host`, with `status`, `address` and `ports/port/state`.

The parser is expat with handlers of ours. A report's document type has no declarations of its own;
one that has some is refused, so that no entity is ever defined, and none expanded.
"""

from typing import NoReturn
from xml.parsers import expat

from hostprobe.errors import InputFileError
from hostprobe.inventory.addresses import identity
from hostprobe.inventory.targets import SMB_PORT

_MAX_DEPTH = 16  # nmap nests its elements six deep


def hosts_up(text: str, name: str) -> list[tuple[int, str]]:
    """The line and the address of each host that is up.

    Where a host's ports were asked for, it is one only if 445/tcp is open.

    Raises:
        InputFileError: The text, called `name`, is no report of nmap, or no whole one.
    """
    report = _Report(name)
    try:
        report.parser.Parse(text, True)  # noqa: FBT003 - expat takes no keywords; it is the end
    except expat.ExpatError as error:
        problem = f"no whole XML document: {expat.ErrorString(error.code)}"
        msg = f"{name}, line {error.lineno}: {problem}"
        raise InputFileError(msg) from error
    return report.found


class _Report:
    """What has been read of a report; `found` grows at the end of each host."""

    def __init__(self, name: str) -> None:
        self.found: list[tuple[int, str]] = []
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._start_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._name = name
        self._path: list[str] = []
        self._forget_host()

    def _forget_host(self) -> None:
        self._address: str | None = None
        self._is_up = False
        self._is_open: bool | None = None  # None: its ports were not asked for
        self._is_smb = False  # whether the port being read is 445/tcp

    def _start_doctype(
        self, _root: str, _system: str | None, _public: str | None, has_declarations: int
    ) -> None:
        if has_declarations:
            self._refuse("it declares entities or elements, which nmap never does")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        is_foreign = not self._path and tag != "nmaprun"
        if is_foreign or len(self._path) == _MAX_DEPTH:
            self._refuse("it is XML, but no report of nmap -oX")
        self._path.append(tag)
        match self._path[1:]:
            case ["host"]:
                self._forget_host()
            case ["host", "status"]:
                self._is_up = attributes.get("state") == "up"
            case ["host", "address"]:
                self._note_address(attributes)
            case ["host", "ports"]:
                self._is_open = False
            case ["host", "ports", "port"]:
                port = attributes.get("portid"), attributes.get("protocol")
                self._is_smb = port == (str(SMB_PORT), "tcp")
            case ["host", "ports", "port", "state"] if self._is_smb:
                self._is_open = attributes.get("state") == "open"

    def _note_address(self, attributes: dict[str, str]) -> None:
        if self._address is None and attributes.get("addrtype", "ipv4") in {"ipv4", "ipv6"}:
            self._address = attributes.get("addr")

    def _end(self, _tag: str) -> None:
        if self._path[1:] == ["host"] and self._is_up and self._is_open is not False:
            self._found_host()
        self._path.pop()

    def _found_host(self) -> None:
        if self._address is None or not isinstance(identity(self._address), int):
            self._refuse("a host is up, but has no IP address")
        self.found.append((self.parser.CurrentLineNumber, self._address))

    def _refuse(self, problem: str) -> NoReturn:
        msg = f"{self._name}, line {self.parser.CurrentLineNumber}: {problem}"
        raise InputFileError(msg)
