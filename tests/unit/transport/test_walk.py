"""Walks through folders that a host claims to have."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PureWindowsPath

import pytest

from hostprobe.errors import OutputTooLargeError, RemoteFileError
from hostprobe.transport.base import EntryKind, FolderEntry
from hostprobe.transport.walk import DEEPEST, MOST_FILES, FoundFile, walk

TOP = PureWindowsPath(r"D:\logs")


def entry(name: str, kind: EntryKind = "file") -> FolderEntry:
    """Of no interesting size and time."""
    return FolderEntry(name, 1, None, kind)


@dataclass
class Host:
    """Has some folders, below `endless` another `endless` for ever, and denies `denied`."""

    folders: dict[str, tuple[FolderEntry, ...]] = field(default_factory=dict)

    def folder(self, path: PureWindowsPath) -> tuple[FolderEntry, ...] | None:
        """As Files.folder."""
        if path.name == "denied":
            msg = f"ex01: cannot read {path}: access denied"
            raise RemoteFileError(msg)
        if path.name == "endless":
            return (entry("endless", "folder"),)
        if path.name == "wide":
            return tuple(entry(f"{number}.log") for number in range(MOST_FILES + 1))
        if path.name == "many":
            return tuple(entry(f"folder{number}", "folder") for number in range(501))
        return self.folders.get(str(path), () if path.name.startswith("folder") else None)

    def content(self, path: PureWindowsPath, most_bytes: int) -> Iterator[bytes]:
        """As Files.content; no walk reads a file."""
        raise NotImplementedError(path, most_bytes)


def is_log(name: str) -> bool:
    """Whether it is wanted."""
    return name.endswith(".log")


def test_files_below_are_found() -> None:
    """Those of the names that are wanted, in all folders; links are counted and not followed."""
    host = Host(
        {
            r"D:\logs": (entry("a.log"), entry("b.txt"), entry("in", "folder")),
            r"D:\logs\in": (entry("c.log"), entry("d.log", "link"), entry("out", "link")),
            r"D:\logs\in\out": (entry("e.log"),),
        }
    )
    found = walk(host, "ex01", (PureWindowsPath("C:/none"), TOP), is_log)
    assert found.tops == (TOP,)
    assert found.files == (
        FoundFile(TOP / "a.log", 1, None),
        FoundFile(TOP / "in" / "c.log", 1, None),
    )
    assert found.links == 2


@pytest.mark.parametrize("name", ["endless", "wide", "many"])
def test_a_folder_without_an_end(name: str) -> None:
    """More, or deeper, than any honest host has it is an error with a way out."""
    with pytest.raises(OutputTooLargeError, match=r"ex01: too much below D:\\logs.*--path"):
        walk(Host({str(TOP): (entry(name, "folder"),)}), "ex01", (TOP,), is_log)


def test_a_deep_folder() -> None:
    """As deep as allowed it is walked."""
    host, path = Host(), TOP
    for _ in range(DEEPEST):
        host.folders[str(path)] = (entry("x", "folder"),)
        path /= "x"
    host.folders[str(path)] = (entry("a.log"),)
    assert [file.path for file in walk(host, "ex01", (TOP,), is_log).files] == [path / "a.log"]


def test_a_folder_that_cannot_be_read() -> None:
    """It is told while others are read; where nothing is found in those, it is the error."""
    host = Host({str(TOP): (entry("denied", "folder"), entry("a.log"))})
    found = walk(host, "ex01", (TOP / "denied", TOP), is_log)
    assert [file.path for file in found.files] == [TOP / "a.log"]
    assert [path for path, _ in found.bad] == [TOP / "denied", TOP / "denied"]
    with pytest.raises(RemoteFileError, match="access denied"):
        walk(Host({str(TOP): (entry("denied", "folder"),)}), "ex01", (TOP,), is_log)
