"""The security descriptor that every file of the host has.

Source: [MS-DTYP] 2.4.6 (SECURITY_DESCRIPTOR), 2.4.5 (ACL), 2.4.4.2 (ACCESS_ALLOWED_ACE),
2.4.2 (SID).
"""

import functools
import struct
from typing import Final

_NT_AUTHORITY: Final = 5
_SYSTEM: Final = (18,)
_ADMINISTRATORS: Final = (32, 544)
_USERS: Final = (32, 545)

_FULL: Final = 0x1F01FF
_READ_AND_EXECUTE: Final = 0x1200A9

_INHERITED: Final = 0x13  # AceFlags: OBJECT_INHERIT, CONTAINER_INHERIT, INHERITED
_CONTROL: Final = 0x8004  # SELF_RELATIVE, DACL_PRESENT

# Revision, Sbz1, Control, OffsetOwner, OffsetGroup, OffsetSacl, OffsetDacl: 2.4.6
_DESCRIPTOR: Final = struct.Struct("<BBHIIII")
_ACL: Final = struct.Struct("<BBHHH")  # AclRevision, Sbz1, AclSize, AceCount, Sbz2: 2.4.5
_ACE: Final = struct.Struct("<BBHI")  # AceType, AceFlags, AceSize, Mask, then the SID: 2.4.4.2


@functools.cache
def descriptor() -> bytes:
    """Administrators own it and may do all, as SYSTEM; users may read."""
    owner = _sid(_ADMINISTRATORS)
    aces = b"".join(
        (_ace(_ADMINISTRATORS, _FULL), _ace(_SYSTEM, _FULL), _ace(_USERS, _READ_AND_EXECUTE))
    )
    acl = _ACL.pack(2, 0, _ACL.size + len(aces), 3, 0) + aces
    owner_at = _DESCRIPTOR.size
    offsets = (owner_at, owner_at + len(owner), 0, owner_at + 2 * len(owner))
    return _DESCRIPTOR.pack(1, 0, _CONTROL, *offsets) + owner + owner + acl


def _sid(parts: tuple[int, ...]) -> bytes:
    """Revision, SubAuthorityCount, IdentifierAuthority (big-endian), SubAuthority."""
    head = struct.pack(">BBHI", 1, len(parts), 0, _NT_AUTHORITY)
    return head + struct.pack(f"<{len(parts)}I", *parts)


def _ace(parts: tuple[int, ...], mask: int) -> bytes:
    sid = _sid(parts)
    return _ACE.pack(0, _INHERITED, _ACE.size + len(sid), mask) + sid
