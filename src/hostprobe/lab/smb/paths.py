"""Names of files in a request, and what they lead to.

Source: [MS-SMB2] 3.3.5.9 (names in CREATE); [MS-FSCC] 2.1.5 (pathnames); [MS-FSA] 2.1.5.1.
"""

from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.files import Node

MAX_NAME: Final = 255
_NOT_IN_NAMES: Final = frozenset('"*/:<>?|') | {chr(code) for code in range(32)}


def parts_of(path: str) -> list[str]:
    """The names in a path.

    Raises:
        StatusError: OBJECT_NAME_INVALID.
    """
    parts = [part for part in path.split("\\") if part]
    for part in parts:
        if len(part) > MAX_NAME or part in (".", "..") or not _NOT_IN_NAMES.isdisjoint(part):
            raise StatusError(NtStatus.OBJECT_NAME_INVALID)
    return parts


def parent_of(root: Node, parts: list[str]) -> Node:
    """The folder of the last part of a path.

    Raises:
        StatusError: OBJECT_PATH_NOT_FOUND.
    """
    folder = root
    for part in parts[:-1]:
        found = folder.children.get(part.lower()) if folder.children is not None else None
        if found is None:
            raise StatusError(NtStatus.OBJECT_PATH_NOT_FOUND)
        folder = found
    if not folder.is_folder:
        raise StatusError(NtStatus.OBJECT_PATH_NOT_FOUND)
    return folder


def child_of(folder: Node, name: str) -> Node | None:
    """What has that name in a folder."""
    return folder.children.get(name.lower()) if folder.children is not None else None
