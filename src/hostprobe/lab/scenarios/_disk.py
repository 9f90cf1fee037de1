"""What drive C: of a scenario holds.

Source: the `[files]` of a scenario, and the paths of its processes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from hostprobe.errors import InputFileError
from hostprobe.lab.machine.files import FileSystem
from hostprobe.lab.scenarios._reading import table
from hostprobe.lab.scenarios._shapes import ProcessTable

Folder = dict[str, "bytes | Folder"]

_SYSTEM_FOLDERS = ("C:\\Windows\\System32\\", "C:\\Windows\\")


def tree_of(values: object, where: str) -> Folder:
    """The tree that `[files]` describes: a text, `true` for a program, `{}` for a folder.

    Raises:
        InputFileError: A value is none of these.
    """
    tree: Folder = {}
    for path, value in table(values, where).items():
        parts = FileSystem.split(path)
        if value is False:
            continue
        if not parts:
            msg = f"{where}: {path!r} is no path"
            raise InputFileError(msg)
        if value is True:
            _put(tree, parts, program(parts[-1]))
        elif isinstance(value, str):
            _put(tree, parts, value.replace("\n", "\r\n").encode())
        elif value == {}:
            _put(tree, parts, {})
        else:
            msg = f"{where}.{path}: must be text, true, false or {{}}, not {value!r}"
            raise InputFileError(msg)
    return tree


def program(name: str) -> bytes:
    """The content of a program's file: enough to look like one, and nothing to run."""
    return b"MZ\x90\0" + f"emulated {name}".encode()


def with_images(processes: Mapping[str, ProcessTable], tree: Folder) -> dict[str, ProcessTable]:
    """The processes with path and command line; the files that they run are added to `tree`."""
    known = set(_paths(tree, "C:"))
    result: dict[str, ProcessTable] = {}
    for key, process in processes.items():
        candidates = (f"{folder}{process.name}" for folder in _SYSTEM_FOLDERS)
        path = process.path or next((path for path in candidates if path.lower() in known), "")
        if process.path:
            _put(tree, FileSystem.split(path), program(process.name))
        command_line = process.command_line or path
        result[key] = replace(process, path=path, command_line=command_line)
    return result


def _put(tree: Folder, parts: list[str], content: "bytes | Folder") -> None:
    """Put a file or folder into `tree`, with the folders above it; names compare without case."""
    folder = tree
    for part in parts[:-1]:
        below = folder.setdefault(_same_name(folder, part), {})
        if isinstance(below, bytes):
            return
        folder = below
    folder.setdefault(_same_name(folder, parts[-1]), content)


def _same_name(folder: Folder, name: str) -> str:
    return next((known for known in folder if known.lower() == name.lower()), name)


def _paths(tree: Folder, above: str) -> Iterator[str]:
    """The paths of all files, in lower case."""
    for name, content in tree.items():
        path = f"{above}\\{name}".lower()
        if isinstance(content, bytes):
            yield path
        else:
            yield from _paths(content, path)
