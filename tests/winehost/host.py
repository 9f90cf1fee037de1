"""The bed as the tests see it: what is on the host, and what a test may change there."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Self

import pytest

from tests.beds.bed import Trace

_SCRIPT = Path(__file__).with_name("bed")
_SERVICES = r"HKLM\System\CurrentControlSet\Services"
# Wine starts these when it first needs them, whoever asked.
_OF_WINE = frozenset(
    ["services", "winedevice", "plugplay", "svchost", "rpcss", "explorer", "wineserver32"]
)


class BedError(Exception):
    """The script failed; the message is its one line."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.cannot_exist_here = exit_code == 4


def bed(*arguments: str, timeout_s: float = 60) -> str:
    """What `bed ARGUMENTS` prints.

    Raises:
        BedError: It failed.
    """
    done = subprocess.run(  # noqa: S603  # our own script
        [_SCRIPT, *arguments], capture_output=True, check=False, timeout=timeout_s
    )
    if done.returncode and arguments[0] != "run":
        message = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise BedError(message, done.returncode)
    return done.stdout.decode(errors="replace").replace("\r", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class WineHost:
    """The running bed; implements tests.beds.bed.Bed."""

    root: Path
    drive: Path
    port: int
    plain_port: int
    bridge_port: int
    username: str
    password: str
    second_s: float = 1.0
    at_once: int = 1

    @classmethod
    def from_settings(cls, text: str) -> Self:
        """Read what `bed settings` prints: lines of NAME=VALUE."""
        value = dict(line.split("=", 1) for line in text.splitlines())
        return cls(
            root=Path(value["root"]),
            drive=Path(value["drive"]),
            port=int(value["port"]),
            plain_port=int(value["plain_port"]),
            bridge_port=int(value["bridge_port"]),
            username=value["username"],
            password=value["password"],
        )

    @property
    def host_name(self) -> str:
        """What the host calls itself."""
        return bed("run", "cmd", "/c", "echo %COMPUTERNAME%").strip()

    def plain(self) -> Self:
        """The same host behind the Samba that cannot encrypt."""
        return replace(self, port=self.plain_port)

    @property
    def windows(self) -> Path:
        """The Windows folder."""
        return self.drive / "windows"

    def traces(self) -> frozenset[Trace]:
        """All that a run could have left."""
        return self._files() | self._processes() | self._services()

    def remove(self, traces: frozenset[Trace]) -> None:
        """Take away what a test let a run leave."""
        for trace in sorted(traces, key=lambda trace: trace.kind == "file"):
            if trace.process is not None:
                with suppress(ProcessLookupError):
                    os.kill(trace.process, 9)
            elif trace.kind == "service":
                bed("run", "sc", "delete", trace.name)
            else:
                (self.windows / trace.name).unlink(missing_ok=True)

    def _files(self) -> frozenset[Trace]:
        names = (
            path.relative_to(self.windows).as_posix()
            for folder in (self.windows, self.windows / "temp", self.windows / "system32")
            for path in folder.iterdir()
        )
        return frozenset(Trace("file", name) for name in names)

    def _services(self) -> frozenset[Trace]:
        keys = bed("run", "reg", "query", _SERVICES).splitlines()
        return frozenset(Trace("service", PureWindowsPath(key).name) for key in keys if key)

    def _processes(self) -> frozenset[Trace]:
        found = (_process(int(path.name), self.root) for path in Path("/proc").glob("[0-9]*"))
        return frozenset(trace for trace in found if trace)

    def images(self) -> tuple[str, ...]:
        """The images of the running processes, such as `tasklist.exe`."""
        return tuple(trace.name for trace in self._processes())

    def process_names(self) -> dict[int, str]:
        """Image names by the ids that Windows programs know, by the host's own tasklist."""
        rows = (line.split('","') for line in bed("run", "tasklist", "/fo", "csv").splitlines())
        return {int(row[1]): row[0].strip('"') for row in rows if len(row) > 1 and row[1].isdigit()}

    def start_victim(self, port: int) -> int:
        """Start a victim.exe that listens on `port`; its process id."""
        return int(bed("victim", str(port)))

    def end_victim(self, pid: int) -> None:
        """End it, where it still runs."""
        if self.process_names().get(pid) == "victim.exe":
            bed("run", "taskkill", "/f", "/pid", str(pid))

    def _bridge(self, setting: str) -> None:
        """Set how PAExec's pipes behave: `wait MS` or `refuse N` (see bridge.c)."""
        with socket.create_connection(("127.0.0.1", self.bridge_port), timeout=5) as control:
            control.sendall(f"!{setting}\n".encode())
            if control.recv(3) != b"ok\n":
                message = f"bridge.exe does not know {setting!r}"
                raise BedError(message, 1)

    @contextmanager
    def late_pipes(self) -> Iterator[None]:
        """PAExec's pipes are answered "not found" six times, and no pipe is waited for."""
        self._bridge("wait 0")
        self._bridge("refuse 6")
        try:
            yield
        finally:
            self._bridge("refuse 0")
            self._bridge("wait 2000")

    @contextmanager
    def tasklist_says(self, text: bytes, *, times: int = 1, stays_s: float = 0) -> Iterator[None]:
        """Put a tasklist.exe in place that prints `text` so many times, then stays a while."""
        tasklist = self.windows / "system32" / "tasklist.exe"
        real = tasklist.read_bytes()
        (self.drive / "bed" / "parrot.txt").write_bytes(b"%d %d\n" % (times, round(stays_s)) + text)
        _replace(tasklist, (self.drive / "bed" / "parrot.exe").read_bytes())
        try:
            yield
        finally:
            _replace(tasklist, real)


@contextmanager
def running_bed() -> Iterator[WineHost]:
    """The bed, built where it is missing; brought down only where this brought it up."""
    if not sys.platform.startswith("linux"):
        pytest.skip("winehost needs Debian, and root there")
    settings = WineHost.from_settings(bed("settings"))
    try:
        bed("status")
    except BedError:
        yield from _bring_up(settings)
    else:
        yield settings


def _bring_up(settings: WineHost) -> Iterator[WineHost]:
    try:
        bed("up", timeout_s=900)
    except BedError as error:
        if error.cannot_exist_here:
            pytest.skip(f"winehost: {error}")
        raise
    yield settings
    bed("down")


def _replace(path: Path, content: bytes) -> None:
    """A new file under that name, for a running program keeps its old one busy."""
    path.unlink()
    path.write_bytes(content)


def _process(pid: int, root: Path) -> Trace | None:
    """The process, where it runs in the bed and is no part of Wine itself."""
    folder = Path("/proc", str(pid))
    try:
        if (folder / "root").readlink() != root:
            return None
        image = (folder / "cmdline").read_bytes().split(b"\0", 1)[0].split(b" ", 1)[0].decode()
    except OSError:  # it has ended meanwhile
        return None
    name = PureWindowsPath(image).name
    if not name or name.removesuffix(".exe") in _OF_WINE:
        return None
    return Trace("process", name, pid)
