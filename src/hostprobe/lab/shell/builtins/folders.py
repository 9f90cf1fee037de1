"""`cd`, `md` and `dir`.

Source: `cd /?`, `md /?`, `dir /?`.
"""

import time
from collections.abc import Sequence

from hostprobe.lab.machine.files import Node, name_pattern
from hostprobe.lab.programs import Console, words
from hostprobe.lab.shell.state import Builtins, State

_FREE_BYTES = 49_152_000_000


async def _cd(state: State, console: Console, arguments: str) -> int:
    path = arguments.strip()
    if path.lower().startswith("/d"):
        path = path[2:].strip()
    if not path:
        console.print(state.folder)
        return 0
    node = console.find(path)
    if node is None or not node.is_folder:
        console.print_error(console.text("system", "path_not_found"))
        return 1
    state.folder = node.path()
    return 0


async def _md(_state: State, console: Console, arguments: str) -> int:
    for path in words(arguments):
        node = console.machine.files.put(console.path(path), None)
        if not node.is_folder:
            console.print_error(f"A subdirectory or file {path} already exists.")
            return 1
    return 0


async def _dir(state: State, console: Console, arguments: str) -> int:
    given = words(arguments)
    flags = {word.lower() for word in given if word.startswith("/")}
    paths = [word for word in given if not word.startswith("/")]
    path = console.path(paths[0]) if paths else state.folder
    folder, pattern = console.find(path), "*"
    if folder is None or not folder.is_folder:
        above, _, pattern = path.rpartition("\\")
        folder = console.find(f"{above}\\")
    matches = name_pattern(pattern).match
    nodes = folder.children.values() if folder is not None and folder.children is not None else ()
    found = sorted((node for node in nodes if matches(node.name)), key=lambda n: n.name.lower())
    if folder is None or not found:
        console.print_error("File Not Found")
        return 1
    console.print(*([node.name for node in found] if "/b" in flags else _listing(folder, found)))
    return 0


def _listing(folder: Node, nodes: Sequence[Node]) -> list[str]:
    files = [node for node in nodes if not node.is_folder]
    return [
        " Volume in drive C has no label.",
        " Volume Serial Number is 1CE0-BEEF",
        "",
        f" Directory of {folder.path()}",
        "",
        *map(_entry, nodes),
        f"{len(files):>16} File(s) {sum(node.size for node in files):>14,} bytes",
        f"{len(nodes) - len(files):>16} Dir(s)  {_FREE_BYTES:>14,} bytes free",
    ]


def _entry(node: Node) -> str:
    at = time.strftime("%m/%d/%Y  %I:%M %p", time.gmtime(node.written_at))
    size = f"{'<DIR>':<14}" if node.is_folder else f"{node.size:>14,}"
    return f"{at}    {size} {node.name}"


COMMANDS: Builtins = {
    "cd": _cd,
    "chdir": _cd,
    "md": _md,
    "mkdir": _md,
    "dir": _dir,
}
