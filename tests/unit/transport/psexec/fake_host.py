"""A Windows host in memory: its Windows folder, its service manager, and PAExec when it is started.

Source: [MS-SCMR] 3.1.4, [C706] 12.6 and 14, decoded with code of our own.
"""

import struct
import traceback
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.unit.transport.psexec.fake_frames import Answer, CreateRequest, Later, Opened
from tests.unit.transport.psexec.fake_paexec import NOT_FOUND, Paexec, Script
from tests.unit.transport.psexec.fake_smb import FakeLink, Fault, Manners
from tests.unit.transport.psexec.virtual_time import Clock, VirtualDeadline

CANNOT_DELETE, SHARING_VIOLATION, COLLISION = 0xC0000121, 0xC0000043, 0xC0000035
STOPPED, STOP_PENDING, RUNNING = 1, 3, 4
CLOSE_HANDLE, CONTROL, DELETE, CREATE_SERVICE = 0, 1, 2, 12
OPEN_MANAGER, OPEN_SERVICE, START, QUERY = 15, 16, 19, 40
INVALID_HANDLE, NO_SUCH_SERVICE, NOT_ACTIVE, MARKED, EXISTS = 6, 1060, 1062, 1072, 1073

_DELETE_ACCESS, _DELETE_ON_CLOSE, _SHARE_DELETE = 0x10000, 0x1000, 4
_INTERFACE: Final = bytes.fromhex("81bb7a364498f135ad3298f038001003")


@dataclass(slots=True)
class Service:
    """One entry of the service manager."""

    name: str
    image: str
    state: int = STOPPED
    marked: bool = False
    handles: int = 0
    process: Paexec | None = None


@dataclass(slots=True, repr=False)
class WindowsHost:
    """What is asked.

    Attributes:
        script: What the next program does.
        manners: How its SMB server speaks.
        faults: Of the first connection, the second, and so on.
        unreachable_after: How many connections it takes before it is gone.
        statuses: Statuses to answer the next CREATEs with, by what is opened: `svcctl`, `file`,
            `main`, `Out`, `Err`, `In`, and `write` for a WRITE to the file; 0 lets one pass.
        codes: Win32 errors to answer the next service calls with, by opnum; 0 lets one pass.
        rpc: What to answer the next service calls with instead, by opnum (-1: the bind).
    """

    clock: Clock = field(default_factory=Clock)
    script: Script = field(default_factory=Script)
    manners: Manners = field(default_factory=Manners)
    faults: tuple[Fault | None, ...] = ()
    unreachable_after: int = 99
    statuses: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    codes: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    rpc: dict[int, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    on_change: Callable[[], None] = lambda: None
    files: dict[str, bytearray] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    processes: list[Paexec] = field(default_factory=list)
    runs: list[Paexec] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    links: list[FakeLink] = field(default_factory=list)
    users: list["_OpenFile"] = field(default_factory=list)

    def connect(self, deadline: VirtualDeadline) -> FakeLink:
        """A connection whose log-in is over."""
        number = len(self.links)
        if number >= self.unreachable_after:
            raise ConnectionRefusedError
        fault = self.faults[number] if number < len(self.faults) else None
        self.links.append(FakeLink(self, self.clock, deadline, fault, self.manners))
        return self.links[-1]

    def end_sessions_before(self, link: FakeLink) -> None:
        """What a log-in that names its previous session does: that one's handles are closed."""
        for other in self.links:
            if other is not link:
                other.drop()

    def left(self) -> tuple[str, ...]:
        """What of a run is on the host now."""
        return (
            *(f"service {name}" for name in self.services),
            *(rf"file %SystemRoot%\{name}" for name in self.files),
            *(f"process {process.image}" for process in self.processes),
        )

    def complaints(self) -> list[str]:
        """The rules that the client broke."""
        bugs = ["".join(traceback.format_exception(error)) for error in self.clock.bugs]
        return [each for link in self.links for each in link.complaints] + bugs

    def open(self, share: str, request: CreateRequest) -> Opened | int:
        """As Files.open."""
        status = self._refusal(_kind(share, request.name))
        if status:
            return status
        if share == "ADMIN$":
            return self._open_file(request)
        if request.name == "svcctl":
            return _ServicePipe(self)
        found: Opened | int = NOT_FOUND
        for process in self.processes:
            found = process.open(request.name)
            if not isinstance(found, int):
                break
        return found

    def _refusal(self, kind: str) -> int:
        return self.statuses[kind].pop(0) if self.statuses[kind] else 0

    def _open_file(self, request: CreateRequest) -> "_OpenFile | int":
        exists = request.name in self.files
        if request.disposition == 2:
            if exists:
                return COLLISION
            self.on_change()
            self.files[request.name] = bytearray()
        elif not exists:
            return NOT_FOUND
        if request.access & _DELETE_ACCESS:
            if any(process.image == request.name for process in self.processes):
                return CANNOT_DELETE
            others = [user for user in self.users if user.name == request.name]
            if not all(user.share & _SHARE_DELETE for user in others):
                return SHARING_VIOLATION
        gone_when_closed = bool(request.options & _DELETE_ON_CLOSE)
        return _OpenFile(self, request.name, request.share, gone_when_closed=gone_when_closed)

    def forget(self, service: Service) -> None:
        """Drop a service that is marked, stopped and not held by any handle."""
        if service.marked and service.state == STOPPED and not service.handles:
            self.services.pop(service.name, None)

    def launch(self, service: Service) -> None:
        """Start PAExec."""
        process = Paexec(
            *(self.clock, self.script, service.image, 1000 + 4 * len(self.runs)),
            stopped=lambda: self._stopped(service),
            kill=self._kill,
        )
        service.state, service.process = RUNNING, process
        self.processes.append(process)
        self.runs.append(process)
        process.start()

    def _kill(self, pid: int) -> bool:
        found = [process for process in self.processes if process.pid == pid]
        for process in found:
            process.end()
        return bool(found)

    def _stopped(self, service: Service) -> None:
        process, service.process = service.process, None
        if process is None:
            return  # ended by force before it came to that
        service.state = STOPPED
        self.clock.after(self.script.image_held_s, lambda: self.processes.remove(process))
        self.forget(service)


def _kind(share: str, name: str) -> str:
    if share == "ADMIN$":
        return "file"
    for stream in ("Out", "Err", "In"):
        if name.startswith(f"PaExec{stream}"):
            return stream
    return "svcctl" if name == "svcctl" else "main"


class _OpenFile:
    """A file of the Windows folder that somebody has open."""

    def __init__(self, host: WindowsHost, name: str, share: int, *, gone_when_closed: bool) -> None:
        self.name, self.share = name, share
        self._host, self._gone_when_closed = host, gone_when_closed
        host.users.append(self)

    def read(self, _length: int, _later: Later) -> Answer:
        """As Opened.read; nobody reads a file."""
        return Answer(0xC0000022)

    def write(self, data: bytes, offset: int) -> Answer:
        """As Opened.write."""
        status = self._host.statuses["write"].pop(0) if self._host.statuses["write"] else 0
        if status:
            return Answer(status)
        content = self._host.files[self.name]
        content[offset : offset + len(data)] = data
        return Answer(body=struct.pack("<HHIIHH", 17, 0, len(data), 0, 0, 0))

    def transceive(self, _data: bytes, _most: int, _later: Later) -> Answer:
        """As Opened.transceive; a file is no pipe."""
        return Answer(0xC0000010)

    def close(self) -> None:
        """As Opened.close."""
        self._host.users.remove(self)
        if self._gone_when_closed:
            self._host.files.pop(self.name, None)


class _ServicePipe:
    """The service manager behind its pipe, with the handles that it gave out."""

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self._bound = False
        self._services: dict[bytes, Service | None] = {}

    def read(self, _length: int, _later: Later) -> Answer:
        """As Opened.read; every answer comes with the transceive."""
        return Answer(0xC0000022)

    def write(self, _data: bytes, _offset: int) -> Answer:
        """As Opened.write."""
        return Answer(0xC0000022)

    def close(self) -> None:
        """As Opened.close: the handles go with the pipe."""
        for service in list(self._services.values()):
            self._release(service)
        self._services.clear()

    def _release(self, service: Service | None) -> None:
        if service is not None:
            service.handles -= 1
            self._host.forget(service)

    def transceive(self, data: bytes, most: int, _later: Later) -> Answer:
        """As Opened.transceive."""
        version, minor, kind, flags, drep, size, signed = struct.unpack_from("<BBBBIHH", data)
        assert (version, minor, flags, drep, size, signed) == (5, 0, 3, 0x10, len(data), 0)
        opnum = -1 if kind == 11 else int.from_bytes(data[22:24], "little")
        self._host.calls.append(opnum)
        if self._host.rpc[opnum]:
            return Answer(body=self._host.rpc[opnum].pop(0))
        if opnum == -1:
            return Answer(body=self._bind(data))
        assert self._bound
        assert int.from_bytes(data[16:20], "little") == len(data) - 24
        stub = self._called(opnum, _Stub(data[24:]))
        assert len(stub) + 24 <= most
        return Answer(body=_packet(2, struct.pack("<IHBx", len(stub), 0, 0) + stub))

    def _bind(self, data: bytes) -> bytes:
        assert data[24:28] == b"\1\0\0\0"  # one context
        assert data[32:48] == _INTERFACE
        self._bound = True
        accepted = struct.pack("<HHIH14sxx", 4280, 4280, 1, 14, b"\\PIPE\\svcctl\0")
        return _packet(12, accepted + struct.pack("<IHH20s", 1, 0, 0, data[52:72]))

    def _called(self, opnum: int, stub: "_Stub") -> bytes:
        refused = self._host.codes[opnum]
        code = refused.pop(0) if refused else 0
        returned, own = (b"", code) if code else self._does(opnum, stub)
        empty = {OPEN_MANAGER: 20, OPEN_SERVICE: 20, CREATE_SERVICE: 24, CONTROL: 28, QUERY: 44}
        returned = returned.rjust(empty.get(opnum, 0), b"\0")
        return returned + struct.pack("<I", own)

    def _does(self, opnum: int, stub: "_Stub") -> tuple[bytes, int]:
        if opnum == OPEN_MANAGER:
            assert stub.rest() == struct.pack("<III", 0, 0, 3)
            return self._handle(None), 0
        handle = stub.take(20)
        if handle not in self._services:
            return b"", INVALID_HANDLE
        if opnum == CREATE_SERVICE:
            return self._create(stub)
        if opnum == OPEN_SERVICE:
            service = self._host.services.get(stub.string())
            return (self._handle(service), 0) if service else (b"", NO_SUCH_SERVICE)
        service = self._services[handle]
        assert service is not None
        return self._on_service(opnum, service, handle)

    def _on_service(self, opnum: int, service: Service, handle: bytes) -> tuple[bytes, int]:
        if opnum == START:
            return self._start(service)
        if opnum == CONTROL:
            return self._stop(service)
        if opnum == QUERY:
            pid = service.process.pid if service.process else 0
            status = struct.pack("<9I", 0x10, service.state, 1, 0, 0, 0, 0, pid, 0)
            return struct.pack("<I36sI", 36, status, 0), 0
        if opnum == DELETE:
            already, service.marked = service.marked, True
            return b"", MARKED if already else 0
        assert opnum == CLOSE_HANDLE
        self._release(self._services.pop(handle))
        return b"\0" * 20, 0

    def _handle(self, service: Service | None) -> bytes:
        handle = struct.pack("<IQQ", 0, id(self), len(self._services) + 1)
        self._services[handle] = service
        if service is not None:
            service.handles += 1
        return handle

    def _create(self, stub: "_Stub") -> tuple[bytes, int]:
        """[MS-SCMR] 3.1.4.12: own process, on demand."""
        name, pointer, display = stub.string(), stub.number(), stub.string()
        access, kind, start, _error = (stub.number() for _ in range(4))
        path, rest = stub.string(), stub.rest()
        assert (name, bool(pointer), kind, start) == (display, True, 0x10, 3)
        assert access == 0x10034  # delete, query, start, stop
        assert rest == b"\0" * 28  # no group, tag, dependencies, account (so LocalSystem), password
        image = path.removeprefix('"%SystemRoot%\\').removesuffix('" -service')
        assert image in self._host.files
        if name in self._host.services:
            return b"", EXISTS
        self._host.on_change()
        service = self._host.services[name] = Service(name, image)
        return b"\0" * 4 + self._handle(service), 0

    def _start(self, service: Service) -> tuple[bytes, int]:
        if service.marked:
            return b"", MARKED
        self._host.launch(service)
        return b"", 0

    def _stop(self, service: Service) -> tuple[bytes, int]:
        if service.process is None:
            return b"", NOT_ACTIVE
        service.state = STOP_PENDING
        service.process.stop()
        return struct.pack("<II20s", 0x10, service.state, b""), 0


def _packet(kind: int, body: bytes) -> bytes:
    return struct.pack("<BBBBIHHI", 5, 0, kind, 3, 0x10, 16 + len(body), 0, 1) + body


@dataclass(slots=True)
class _Stub:
    """The arguments of a call, in order: [C706] 14."""

    data: bytes
    at: int = 0

    def take(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def string(self) -> str:
        most, offset, count = self.number(), self.number(), self.number()
        text = self.take(2 * count).decode("utf-16-le")
        self.at += -self.at % 4
        assert (most, offset, text[-1]) == (count, 0, "\0")
        return text[:-1]

    def rest(self) -> bytes:
        return self.take(len(self.data) - self.at)
