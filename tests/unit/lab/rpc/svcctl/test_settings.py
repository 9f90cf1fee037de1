"""Services created and changed."""

import pytest
from tests.unit.lab.rpc.client import code
from tests.unit.lab.rpc.svcctl.manager import (
    CHANGE,
    CREATE,
    DELETE,
    PATH,
    Manager,
    creation,
    host,
)

from hostprobe.lab.machine.services import Service
from hostprobe.lab.rpc.ndr import Writer

UNCHANGED = 0xFFFFFFFF
DENIED, BAD_PARAMETER, BAD_NAME = 5, 87, 123
MARKED, EXISTS, DUPLICATE = 1072, 1073, 1078


def found(manager: Manager, name: str = "Agent") -> Service:
    """A service that must be there."""
    service = manager.host.services.get(name)
    assert service is not None
    return service


def change(*numbers: int, path: str = "", display_name: str = "", account: str = "") -> bytes:
    """The arguments of RChangeServiceConfigW behind the handle; what is empty stays as it is."""
    arguments = Writer().u32(*(numbers or (UNCHANGED,) * 3))
    _add(arguments, path)
    arguments.u32(0, 0, 0, 0)  # group, tag, dependencies and their size
    _add(arguments, account)
    arguments.u32(0, 0)  # password and its size
    _add(arguments, display_name)
    return arguments.stub()


def _add(arguments: Writer, text: str) -> None:
    if text:
        arguments.pointer().text(text)
    else:
        arguments.u32(0)


def test_create() -> None:
    """A service is made as it is described, and the log tells its name and path."""
    events: list[tuple[str, str]] = []
    of = host()
    of.on_event = lambda event: events.append((event.what, event.detail))
    manager = Manager(of)
    manager.created()
    service = found(manager)
    assert (service.display_name, service.path, service.group) == ("The agent", PATH, "Group")
    assert (service.type, service.start_type, service.error_control) == (0x10, 3, 1)
    assert service.account == "LocalSystem"
    assert service.handles == 1
    assert events == [("service created", f"Agent, {PATH}")]


def test_create_without_a_display_name() -> None:
    """A service without a display name shows its own name."""
    manager = Manager(host())
    manager.created(creation("Agent", display_name=None))
    assert found(manager).display_name == "Agent"


@pytest.mark.parametrize(
    ("stub", "expected"),
    [
        (creation("Dnscache"), EXISTS),
        (creation("a\\b"), BAD_NAME),
        (creation("Other", display_name="dns client"), DUPLICATE),
        (creation("Other", kind=0), BAD_PARAMETER),
        (creation("Other", kind=0x1000), BAD_PARAMETER),
        (creation("Other", start_type=5), BAD_PARAMETER),
    ],
)
def test_create_refused(stub: bytes, expected: int) -> None:
    """A name that is taken or not allowed, and a setting that does not exist, make no service."""
    manager = Manager(host())
    results = manager.rpc.call(CREATE, manager.handle + stub)
    assert results[:24] == bytes(24)
    assert code(results) == expected
    assert len(list(manager.host.services)) == 1


def test_create_without_the_right() -> None:
    """A manager that was opened for less makes no service."""
    assert code(Manager(host(), access=0x5).create()) == DENIED


def test_create_while_marked() -> None:
    """A name is free again when the marked service is gone, and not before."""
    manager = Manager(host())
    manager.code(DELETE, manager.created())
    assert code(manager.create()) == MARKED


def test_change() -> None:
    """What is given is changed, and the rest stays as it is."""
    manager = Manager(host())
    handle = manager.created()
    stub = change(UNCHANGED, 4, 0, display_name="New name", account=".\\ops")
    assert manager.rpc.call(CHANGE, handle + stub) == bytes(8)
    service = found(manager)
    assert (service.type, service.start_type, service.error_control) == (0x10, 4, 0)
    assert (service.path, service.group) == (PATH, "Group")
    assert (service.display_name, service.account) == ("New name", ".\\ops")
    assert manager.code(CHANGE, handle, change(path="C:\\other.exe")) == 0
    assert (service.path, service.start_type) == ("C:\\other.exe", 4)
    assert (service.display_name, service.account) == ("New name", ".\\ops")


def test_change_of_the_group() -> None:
    """An empty group takes the service out of its group."""
    manager = Manager(host())
    handle = manager.created()
    arguments = Writer().u32(*(UNCHANGED,) * 3).u32(0).pointer().text("").u32(0, 0, 0)
    assert manager.code(CHANGE, handle, arguments.u32(0, 0, 0, 0).stub()) == 0
    assert found(manager).group == ""


@pytest.mark.parametrize(
    ("stub", "expected"),
    [
        (change(0x1000, UNCHANGED, UNCHANGED), BAD_PARAMETER),
        (change(UNCHANGED, 5, UNCHANGED), BAD_PARAMETER),
        (change(UNCHANGED, UNCHANGED, 4), BAD_PARAMETER),
        (change(display_name="DNS client"), DUPLICATE),
        (change(display_name="dnscache"), DUPLICATE),
    ],
)
def test_change_refused(stub: bytes, expected: int) -> None:
    """A setting that does not exist, or another service's name, changes nothing."""
    manager = Manager(host())
    handle = manager.created()
    assert manager.code(CHANGE, handle, stub) == expected
    assert found(manager).display_name == "The agent"


def test_change_of_a_marked_service() -> None:
    """A service that is marked for deletion is not changed any more."""
    manager = Manager(host())
    handle = manager.created()
    manager.code(DELETE, handle)
    assert manager.code(CHANGE, handle, change(path="C:\\other.exe")) == MARKED


def test_too_long_a_path() -> None:
    """A path beyond the range of the interface ends in a fault."""
    manager = Manager(host())
    stub = manager.handle + creation("Agent", path="x" * 32768)
    assert manager.rpc.fault(CREATE, stub) == 0x6F7
