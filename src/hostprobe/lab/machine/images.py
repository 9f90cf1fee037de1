r"""Which file a command line runs.

Source: CreateProcess: of an unquoted `C:\a b c` it tries `C:\a`, `C:\a b`, `C:\a b c`, each with
`.exe` too.
"""

from typing import TYPE_CHECKING

from hostprobe.lab.machine.files import Node

if TYPE_CHECKING:
    from hostprobe.lab.machine.machine import Machine

_MOST_WORDS = 16


def image_of(machine: "Machine", command_line: str) -> Node | None:
    """The file that a command line runs, its %NAME% expanded; None where there is none."""
    for path in _paths(machine.expand(command_line).strip()):
        for name in (path, f"{path}.exe"):
            node = machine.files.find(name)
            if node is not None and not node.is_folder:
                return node
    return None


def _paths(command_line: str) -> list[str]:
    if command_line.startswith('"'):
        return [command_line[1:].partition('"')[0]]
    words = command_line.split(" ", _MOST_WORDS)
    return [" ".join(words[: count + 1]) for count in range(len(words))]
