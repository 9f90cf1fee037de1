"""A host to connect to, and a pipe of its whose two ends a test holds."""

from dataclasses import dataclass, field

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.accounts import Account, Accounts, Caller
from hostprobe.lab.machine.files import FileSystem, Node, Tree
from hostprobe.lab.machine.machine import Event, Machine, Share
from hostprobe.lab.machine.pipes import Pipe

PASSWORD = "Pa$$w0rd"


def machine(events: list[Event] | None = None, **sides: object) -> Machine:
    """A host with three shares, a few files, an administrator, a user and one who is locked."""
    accounts = (
        Account("Administrator", PASSWORD, is_admin=True),
        Account("bob", PASSWORD),
        Account("locked", PASSWORD, status=NtStatus.ACCOUNT_LOCKED_OUT),
    )
    shares = (
        Share("ADMIN$", "Windows", admin_only=True),
        Share("C$", "", admin_only=True),
        Share("IPC$", None),
        Share("Public", "Users"),
        Share("Gone", "Nowhere"),
    )
    files: Tree = {
        "Windows": {"win.ini": b"[fonts]\r\n", "notepad.exe": b"MZ", "Temp": {}},
        "Users": {"bob": {"a.txt": b"a", "b.txt": b"bb", "c.log": b"ccc"}},
    }
    host = Machine(
        name="WS010",
        accounts=Accounts(accounts),
        shares={share.name.lower(): share for share in shares},
        files=FileSystem(files, 1_700_000_000.0),
        guid=bytes(range(16)),
    )
    for name, value in sides.items():
        setattr(host, name, value)
    if events is not None:
        host.on_event = events.append
    return host


@dataclass(slots=True)
class Bell:
    """A pipe of the host whose two ends a test holds."""

    pipes: list[Pipe] = field(default_factory=list)
    written: list[bytes] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)

    def connect(self, caller: Caller) -> Pipe:
        """One more instance."""
        self.callers.append(caller)
        pipe = Pipe("bell", is_message=True, on_write=lambda _pipe, text: self.written.append(text))
        self.pipes.append(pipe)
        return pipe


def node_at(host: Machine, path: str) -> Node:
    """The file or folder that must be there."""
    found = host.files.find(path)
    assert found is not None
    return found
