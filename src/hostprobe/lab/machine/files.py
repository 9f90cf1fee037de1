"""Drive C: of the host, in memory.

Source: [MS-FSA] 2.1.1 (files and folders), 2.1.4.4 (wildcards); [MS-FSCC] 2.6 (attributes).
"""

import itertools
import re
import time
from collections.abc import Mapping
from enum import IntFlag
from typing import TypeAlias, Union

from hostprobe.lab.codes import NtStatus, StatusError

Tree: TypeAlias = Mapping[str, Union[bytes, "Tree"]]
"""What a new disk holds, by name: a file's content, or a folder. Shared between hosts."""

_DISK_BYTES = 64 << 20
_NODE_BYTES = 1 << 10
_IDS = itertools.count(0x1000)


class Attributes(IntFlag):
    """File attributes, [MS-FSCC] 2.6."""

    DIRECTORY = 0x10
    ARCHIVE = 0x20
    NORMAL = 0x80


class Disk:
    """How much more the disk takes.

    Args:
        free_bytes: What clients may still write to it.
    """

    __slots__ = ("free_bytes",)

    def __init__(self, free_bytes: int = _DISK_BYTES) -> None:
        self.free_bytes = free_bytes

    def take(self, size: int) -> None:
        """Use so many bytes, or give them back where negative.

        Raises:
            StatusError: DISK_FULL.
        """
        if size > self.free_bytes:
            raise StatusError(NtStatus.DISK_FULL)
        self.free_bytes -= size


class Node:
    """A file or a folder.

    Args:
        content: A file's; or what a new folder holds, of which nodes are made when it is asked.

    Attributes:
        content: Bytes while shared with other hosts, a bytearray once written to.
        id: Unique on the disk.
        opens: How many handles are open.
        running: How many processes run this file.
        locked_until: The file cannot be deleted before this time, in seconds since 1970.
        delete_pending: It goes when its last handle is closed.
    """

    __slots__ = (
        "_children",
        "_disk",
        "_tree",
        "attributes",
        "content",
        "created_at",
        "delete_pending",
        "id",
        "locked_until",
        "name",
        "opens",
        "parent",
        "running",
        "written_at",
    )

    def __init__(
        self, name: str, parent: "Node | None", disk: Disk, content: "bytes | Tree", at: float
    ) -> None:
        self.name = name
        self.parent = parent
        self._disk = disk
        self._tree: Tree | None = None if isinstance(content, bytes) else content
        self._children: dict[str, Node] | None = None
        self.content: bytes | bytearray = content if isinstance(content, bytes) else b""
        self.attributes = Attributes.DIRECTORY if self.is_folder else Attributes.ARCHIVE
        self.created_at = self.written_at = at
        self.id = next(_IDS)
        self.opens = 0
        self.running = 0
        self.locked_until = 0.0
        self.delete_pending = False

    @property
    def is_folder(self) -> bool:
        """Whether it can hold others."""
        return self._tree is not None

    @property
    def children(self) -> "dict[str, Node] | None":
        """What a folder holds, by name in lower case; None for a file."""
        if self._children is None and self._tree is not None:
            self._children = {
                name.lower(): Node(name, self, self._disk, content, self.created_at)
                for name, content in self._tree.items()
            }
        return self._children

    @property
    def size(self) -> int:
        """The length of a file's content."""
        return len(self.content)

    def path(self) -> str:
        r"""The whole path: `C:\Windows\win.ini`."""
        parts: list[str] = []
        node = self
        while node.parent is not None:
            parts.append(node.name)
            node = node.parent
        return "C:\\" + "\\".join(reversed(parts))

    def is_in_use(self, now: float) -> bool:
        """Whether it cannot be deleted: a process runs it, or did until a moment ago."""
        return self.running > 0 or now < self.locked_until

    def add(self, name: str, content: "bytes | Tree") -> "Node":
        """Make a file or folder in this folder, in place of what has that name.

        Raises:
            StatusError: NOT_A_DIRECTORY, or DISK_FULL.
        """
        siblings = self.children
        if siblings is None:
            raise StatusError(NtStatus.NOT_A_DIRECTORY)
        if (replaced := siblings.get(name.lower())) is not None:
            replaced.unlink()
        self._disk.take(_NODE_BYTES)
        node = siblings[name.lower()] = Node(name, self, self._disk, content, time.time())
        return node

    def unlink(self) -> None:
        """Take it out of its folder."""
        siblings = self.parent.children if self.parent is not None else None
        if siblings is not None and siblings.get(self.name.lower()) is self:
            del siblings[self.name.lower()]
            self._disk.take(-_NODE_BYTES)
            if isinstance(self.content, bytearray):
                self._disk.take(-len(self.content))

    def move(self, parent: "Node", name: str) -> None:
        """Put it into a folder under a name, in place of what has that name.

        Raises:
            StatusError: NOT_A_DIRECTORY.
        """
        siblings = parent.children
        if siblings is None:
            raise StatusError(NtStatus.NOT_A_DIRECTORY)
        if self.parent is not None and self.parent.children is not None:
            self.parent.children.pop(self.name.lower(), None)
        self.parent = parent
        self.name = name
        siblings[name.lower()] = self

    def write(self, offset: int, data: bytes) -> None:
        """Write into a file, which grows as needed.

        Raises:
            StatusError: DISK_FULL.
        """
        content = self._own(max(self.size, offset + len(data)))
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset : offset + len(data)] = data

    def truncate(self, size: int) -> None:
        """Cut a file to `size`, or fill it up with zeros.

        Raises:
            StatusError: DISK_FULL.
        """
        content = self._own(size)
        del content[size:]
        content.extend(bytes(size - len(content)))

    def _own(self, size: int) -> bytearray:
        """The content as this host's own, paid for up to `size`."""
        own_bytes = len(self.content) if isinstance(self.content, bytearray) else 0
        self._disk.take(size - own_bytes)
        if not isinstance(self.content, bytearray):
            self.content = bytearray(self.content)
        self.written_at = time.time()
        return self.content


class FileSystem:
    """The drive; names compare without case.

    Args:
        tree: What it holds at first.
        created_at: Of all that it holds at first, in seconds since 1970.
    """

    __slots__ = ("root",)

    def __init__(self, tree: Tree | None = None, created_at: float = 0.0) -> None:
        self.root = Node("", None, Disk(), tree or {}, created_at)

    @staticmethod
    def split(path: str) -> list[str]:
        """The parts of a path, without the drive."""
        if path[1:2] == ":":
            path = path[2:]
        return [part for part in path.replace("/", "\\").split("\\") if part and part != "."]

    def find(self, path: str, base: Node | None = None) -> Node | None:
        """What is at `path`, from the root or from `base`; None where nothing is."""
        node: Node | None = base or self.root
        for part in self.split(path):
            if node is None or node.children is None:
                return None
            node = (node.parent or node) if part == ".." else node.children.get(part.lower())
        return node

    def put(self, path: str, content: bytes | None = b"") -> Node:
        """Make a file, or a folder where `content` is None, with the folders above it.

        Raises:
            StatusError: NOT_A_DIRECTORY, or DISK_FULL.
        """
        *above, name = self.split(path)
        parent = self.root
        for part in above:
            found = parent.children.get(part.lower()) if parent.children is not None else None
            parent = found or parent.add(part, {})
        found = parent.children.get(name.lower()) if parent.children is not None else None
        if content is None and found is not None:
            return found
        return parent.add(name, {} if content is None else content)

    @staticmethod
    def add(parent: Node, name: str, *, folder: bool) -> Node:
        """Make an empty file or folder.

        Raises:
            StatusError: NOT_A_DIRECTORY, or DISK_FULL.
        """
        return parent.add(name, {} if folder else b"")


_WILDCARDS = {"*": ".*", "<": ".*", "?": ".", ">": "[^.]?", '"': r"(?:\.|\Z)"}


def name_pattern(pattern: str) -> re.Pattern[str]:
    """The expression that matches the names which a search pattern of the wire means.

    Source: [MS-FSA] 2.1.4.4: `*` and `?`, and their DOS forms `<` `>` `"`. What stands between
    two stars is atomic, so that no pattern makes a match take more than quadratic time.
    """
    if pattern in ("*", "*.*", "<.*", ""):
        return re.compile(r"(?s:.*)\Z")
    first, *others = (
        "".join(_WILDCARDS.get(c) or re.escape(c) for c in part)
        for part in re.split(r"[*<]+", pattern)
    )
    last = others.pop() if others else None
    middle = "".join(f"(?>.*?{part})" for part in others)
    tail = "" if last is None else f".*{last}"
    return re.compile(f"(?s:{first}{middle}{tail})\\Z", re.IGNORECASE)
