"""What an open may do, and what it lets others do meanwhile.

Source: [MS-SMB2] 2.2.13 (ShareAccess), 2.2.13.1 (access masks); [MS-FSA] 2.1.5.1.2.2 (sharing).
"""

from collections.abc import Iterable
from enum import IntFlag
from typing import Protocol

from hostprobe.lab.codes import NtStatus, StatusError


class Access(IntFlag):
    """Rights on files, folders and pipes, [MS-SMB2] 2.2.13.1.1."""

    READ_DATA = 0x01
    WRITE_DATA = 0x02
    APPEND_DATA = 0x04
    EXECUTE = 0x20
    WRITE_ATTRIBUTES = 0x100
    DELETE = 0x10000
    MAXIMUM_ALLOWED = 0x02000000
    GENERIC_ALL = 0x10000000
    GENERIC_EXECUTE = 0x20000000
    GENERIC_WRITE = 0x40000000
    GENERIC_READ = 0x80000000

    ALL = 0x1F01FF
    READS = READ_DATA | EXECUTE
    WRITES = WRITE_DATA | APPEND_DATA


class Sharing(IntFlag):
    """What others may do while it is open, [MS-SMB2] 2.2.13."""

    READ = 1
    WRITE = 2
    DELETE = 4


_ALL = Access.ALL.value

# what the generic rights stand for on a file, [MS-DTYP] 2.4.3
_MEANING = (
    (Access.GENERIC_READ.value, 0x120089),
    (Access.GENERIC_WRITE.value, 0x120116),
    (Access.GENERIC_EXECUTE.value, 0x1200A0),
    (Access.GENERIC_ALL.value, _ALL),
    (Access.MAXIMUM_ALLOWED.value, _ALL),
)

# the uses that sharing speaks of, as plain numbers: they are compared often
_USES = (
    (Access.READS.value, Sharing.READ.value),
    (Access.WRITES.value, Sharing.WRITE.value),
    (Access.DELETE.value, Sharing.DELETE.value),
)
_SHARED = sum(use for use, _ in _USES)


class Use(Protocol):
    """One who has a file open, or wants to."""

    @property
    def access(self) -> int:
        """What it may do itself."""

    @property
    def sharing(self) -> int:
        """What others may do meanwhile."""


def granted(desired: int) -> int:
    """The rights that a mask asks for; who reaches a share gets them all."""
    rights = desired & _ALL
    for generic, meaning in _MEANING:
        if desired & generic:
            rights |= meaning
    return rights


def require(access: int, needed: Access) -> None:
    """See that an open has one of the rights needed.

    Raises:
        StatusError: ACCESS_DENIED.
    """
    if not access & needed.value:
        raise StatusError(NtStatus.ACCESS_DENIED)


def can_share(one: Use, others: Iterable[Use]) -> bool:
    """Whether one may have a file open that others have open."""
    if not one.access & _SHARED:
        return True
    return all(
        second.sharing & share or not first.access & use
        for other in others
        if other.access & _SHARED
        for first, second in ((one, other), (other, one))
        for use, share in _USES
    )
