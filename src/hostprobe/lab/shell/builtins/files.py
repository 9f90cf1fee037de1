"""`type`, `del` and `copy`.

Source: `type /?`, `del /?`, `copy /?`.
"""

from hostprobe.lab.machine.files import Node, name_pattern
from hostprobe.lab.programs import Console, words
from hostprobe.lab.shell.state import Builtins, State

_SLICE_BYTES = 1 << 16


async def _type(_state: State, console: Console, arguments: str) -> int:
    code = 0
    for path in words(arguments):
        node = console.find(path)
        if node is None or node.is_folder:
            console.print_error(console.text("system", "file_not_found"))
            code = 1
        else:
            await _show(console, node)
    return code


async def _show(console: Console, node: Node) -> None:
    """Write a file's content in slices, each once there is room for it."""
    at = 0
    while data := bytes(node.content[at : at + _SLICE_BYTES]):
        console.write(data)
        await console.drain()
        at += len(data)


async def _del(_state: State, console: Console, arguments: str) -> int:
    for path in _paths(arguments):
        whole = console.path(path)
        above, _, pattern = whole.rpartition("\\")
        found = _files_in(console.find(f"{above}\\"), pattern)
        if not found:
            console.print_error(f"Could Not Find {whole}")
        for node in found:
            if node.is_in_use(console.machine.now()):
                console.print_error(node.path(), console.text("system", "access_denied"))
            else:
                node.unlink()
    return 0


async def _copy(_state: State, console: Console, arguments: str) -> int:
    paths = _paths(arguments)
    source = console.find(paths[0]) if paths else None
    if source is None or source.is_folder or len(paths) != 2:
        console.print_error(console.text("system", "file_not_found"))
        return 1
    target = console.path(paths[1])
    node = console.find(target)
    if node is not None and node.is_folder:
        target = f"{target}\\{source.name}"
    copy = console.machine.files.put(target)
    copy.write(0, bytes(source.content))
    console.print("        1 file(s) copied.")
    return 0


def _paths(arguments: str) -> list[str]:
    return [word for word in words(arguments) if not word.startswith("/")]


def _files_in(folder: Node | None, pattern: str) -> list[Node]:
    if folder is None or folder.children is None:
        return []
    matches = name_pattern(pattern).match
    return [n for n in folder.children.values() if not n.is_folder and matches(n.name)]


COMMANDS: Builtins = {"type": _type, "del": _del, "erase": _del, "copy": _copy}
