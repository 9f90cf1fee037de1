"""Which file a program's name means.

Source: CreateProcess: a bare name is looked for in the working folder, in System32 and in the
Windows folder, with `.exe` where it has no extension; cmd.exe runs a batch file.
"""

from dataclasses import dataclass

from hostprobe.lab.machine.files import Node
from hostprobe.lab.programs import Console, Program, program_of
from hostprobe.lab.shell import cmd

_WINDOWS = "C:\\Windows\\"
_HOME = "c:\\windows\\system32"
_HOME_32 = "c:\\windows\\syswow64"  # of 32-bit programs
_HOME_64 = "c:\\windows\\sysnative"  # what 32-bit programs call the other one


@dataclass(frozen=True, slots=True)
class Image:
    """What a command line runs.

    Attributes:
        key: The program's name, for the host's fixed answers.
        node: The file, where the disk has it.
        program: None where it is not emulated.
        is_batch: Whether cmd.exe has to carry it out.
        is_wow64: Whether it is one of the 32-bit programs.
    """

    path: str
    key: str
    node: Node | None
    program: Program | None = None
    is_batch: bool = False
    is_wow64: bool = False

    @property
    def name(self) -> str:
        """What its process is called."""
        return self.path.rpartition("\\")[2]


def find_image(console: Console, name: str) -> Image | None:
    """What `name` runs; None where there is no such file."""
    above, _, base = name.replace("/", "\\").rpartition("\\")
    base = base.lower()
    key = base[:-4] if base.endswith((".exe", ".com")) else base
    program = cmd.PROGRAM if key == "cmd" else program_of(key)
    if program is not None and base in (key, program.file.lower()):
        folder = console.path(above).lower() if above else _HOME
        is_wow64 = folder.startswith(_HOME_32)
        folder = folder.replace(_HOME_32, _HOME, 1).replace(_HOME_64, _HOME, 1)
        home = f"{_WINDOWS}{program.folder}"
        if not program.is_on(console.machine):
            return None
        if not above or folder == home.lower():
            path = f"{home}\\{program.file}"
            node = console.machine.files.find(path)
            return Image(path, key, node, program, is_wow64=is_wow64)
    return _file(console, name, key)


def _file(console: Console, name: str, key: str) -> Image | None:
    """What the file `name` runs, with `.exe` where there is none without."""
    paths = (name,) if "\\" in name else (name, f"{_WINDOWS}{name}")
    found = (console.find(f"{path}{end}") for path in paths for end in ("", ".exe"))
    for node in found:
        if node is None or node.is_folder:
            continue
        if node.name.lower().endswith((".bat", ".cmd")):
            shell = rf"{_WINDOWS}System32\cmd.exe"
            return Image(shell, "cmd", node, cmd.PROGRAM, is_batch=True)
        return Image(node.path(), key, node)
    return None
