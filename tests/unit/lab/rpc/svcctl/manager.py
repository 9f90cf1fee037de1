"""A client of the service control manager."""

import struct

from tests.unit.lab.rpc.client import Client, code, machine

from hostprobe.lab.machine.accounts import Caller
from hostprobe.lab.machine.files import Node
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.machine.services import Service
from hostprobe.lab.rpc.ndr import Writer

UUID = "367abb81-9844-35f1-ad32-98f038001003"
CLOSE, CONTROL, DELETE, STATUS, CHANGE, CREATE, LIST, OPEN_MANAGER, OPEN, CONFIG = (
    *(0, 1, 2, 6, 11, 12, 14, 15, 16, 17),
)
START, DISPLAY_NAME, KEY_NAME, CONFIG2, STATUS_EX, LIST_EX = 19, 20, 21, 39, 40, 42
ALL_ACCESS, MAXIMUM = 0xF01FF, 0x02000000
PATH = "C:\\Windows\\agent.exe"


class Program:
    """A service program that stops at once."""

    def __init__(self, host: Machine, service: Service, _image: Node, _process: Process) -> None:
        self.host = host
        self.service = service

    def stop(self) -> None:
        """Report that it has stopped."""
        self.host.services.stopped(self.service)


def host() -> Machine:
    """A host with one program that can be a service, and a service that is not of it."""
    made = machine()
    made.payloads = lambda content: Program if content == b"MZ agent" else None
    made.files.put("Windows\\agent.exe", b"MZ agent")
    made.services.add(Service("Dnscache", "DNS Client", group="TDI"))
    return made


class Manager:
    """A client with a handle to the service manager."""

    def __init__(self, of: Machine, *, access: int = ALL_ACCESS & 0xF003F) -> None:
        self.host = of
        self.rpc = Client(of, "svcctl", UUID, 2)
        results = self.open(access)
        assert code(results) == 0
        self.handle = results[:20]

    def open(self, access: int) -> bytes:
        """ROpenSCManagerW."""
        return self.rpc.call(OPEN_MANAGER, struct.pack("<III", 0, 0, access))

    def open_service(self, name: str, access: int = ALL_ACCESS) -> bytes:
        """ROpenServiceW."""
        stub = Writer().octets(self.handle).text(name).u32(access).stub()
        return self.rpc.call(OPEN, stub)

    def service(self, name: str, access: int = ALL_ACCESS) -> bytes:
        """A handle to a service."""
        results = self.open_service(name, access)
        assert code(results) == 0
        return results[:20]

    def create(self, arguments: bytes = b"") -> bytes:
        """RCreateServiceW, of "Agent" where nothing else is said."""
        return self.rpc.call(CREATE, self.handle + (arguments or creation("Agent")))

    def created(self, arguments: bytes = b"") -> bytes:
        """A handle to a new service."""
        results = self.create(arguments)
        assert code(results) == 0
        assert results[:4] == bytes(4)
        return results[4:24]

    def code(self, opnum: int, handle: bytes, rest: bytes = b"") -> int:
        """The return value of a call that begins with a handle."""
        return code(self.rpc.call(opnum, handle + rest))


def creation(
    name: str,
    *,
    display_name: str | None = "The agent",
    kind: int = 0x10,
    start_type: int = 3,
    path: str = PATH,
    access: int = ALL_ACCESS,
) -> bytes:
    """The arguments of RCreateServiceW behind the handle."""
    arguments = Writer().text(name)
    if display_name is None:
        arguments.u32(0)
    else:
        arguments.pointer().text(display_name)
    arguments.u32(access, kind, start_type, 1).text(path)
    arguments.pointer().text("Group").pointer().u32(7)  # group, tag
    arguments.pointer().sized(b"RpcSs\0\0").u32(7)  # dependencies
    arguments.pointer().text("LocalSystem").pointer().sized(b"pw").u32(2)
    return arguments.stub()


def caller(*, is_admin: bool = False, is_anonymous: bool = False) -> Caller:
    """Somebody on the network."""
    return Caller("ops", "", ("127.0.0.1", 50000), is_admin, is_anonymous)
