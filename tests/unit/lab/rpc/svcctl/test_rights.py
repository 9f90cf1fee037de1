"""Who may do what with services."""

import pytest
from tests.unit.lab.rpc.svcctl.manager import caller

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.rpc.svcctl.rights import manager_access, service_access

ADMIN = caller(is_admin=True)
MAXIMUM, ALL, EXECUTE, WRITE, READ = 0x02000000, 0x10000000, 0x20000000, 0x40000000, 0x80000000


@pytest.mark.parametrize(
    ("desired", "granted"),
    [(0, 0x1), (0x2, 0x3), (READ, 0x20015), (WRITE, 0x20023), (EXECUTE, 0x20009), (ALL, 0xF003F)],
)
def test_manager(desired: int, granted: int) -> None:
    """An administrator has what he desires, generic rights by their meaning, and may connect."""
    assert manager_access(ADMIN, desired) == granted
    assert manager_access(ADMIN, desired | MAXIMUM) == 0xF003F


@pytest.mark.parametrize(
    ("desired", "granted"),
    [(0, 0), (0x10, 0x10), (READ, 0x2008D), (WRITE, 0x20002), (EXECUTE, 0x20170), (ALL, 0xF01FF)],
)
def test_service(desired: int, granted: int) -> None:
    """An administrator has what he desires of a service too."""
    assert service_access(ADMIN, desired) == granted
    assert service_access(ADMIN, desired | MAXIMUM) == 0xF01FF


def test_others() -> None:
    """Over the network, somebody else may connect to the manager, and have no service."""
    assert manager_access(caller(), 0x1) == 0x1
    assert manager_access(caller(), MAXIMUM) == 0x1
    for refused in (0x2, 0x4, READ, ALL):
        with pytest.raises(CallError) as caught:
            manager_access(caller(), refused)
        assert caught.value.code is Win32Error.ACCESS_DENIED
    for refused in (0, 0x4, MAXIMUM):
        with pytest.raises(CallError):
            service_access(caller(), refused)


def test_nobody() -> None:
    """The anonymous may not even connect."""
    with pytest.raises(CallError):
        manager_access(caller(is_anonymous=True), MAXIMUM)


def test_unknown_bits() -> None:
    """A right that does not exist is granted to nobody."""
    with pytest.raises(CallError):
        service_access(ADMIN, 0x01000000)
