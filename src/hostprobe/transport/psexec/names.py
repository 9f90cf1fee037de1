"""What one run calls itself on the host.

The prefix is PAExec's own, so that people, detections and PAExec's rules recognise it; the rest is
random, so that no two runs, analysts or containers meet on one host.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Final, Self

UPLOAD_BYTES: Final = 224_560
"""What one run uploads: paexec.exe 1.29."""

_PIDS = 10**9 - 1  # nine digits at most: listings cut an image's name at 31 characters

SERVICE_NAME = re.compile(r"PAExec-([1-9][0-9]{0,9})-(hp[0-9a-f]{8})")
_FILE_NAME = re.compile(rf"({SERVICE_NAME.pattern})(?:\.exe|-[A-Za-z0-9_.-]{{1,200}})")
COPIED_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one run.

    Attributes:
        pid: Stands for the client's PID; random.
        computer: Stands for the client's name; `hp` and eight hexadecimal digits, random.
        copied: What the name of a program that was brought along ends in; empty without one.
    """

    pid: int
    computer: str
    copied: str = ""

    @classmethod
    def random(cls, copied: str = "") -> Self:
        """Names that nobody else uses."""
        return cls(secrets.randbelow(_PIDS) + 1, f"hp{secrets.token_hex(4)}", copied)

    @classmethod
    def of(cls, service: str, copied: str = "") -> Self | None:
        """The names of the run whose service is called so; None where none of ours is."""
        found = SERVICE_NAME.fullmatch(service)
        if not found or (copied and not COPIED_NAME.fullmatch(copied)):
            return None
        return cls(int(found[1]), found[2], copied)

    @classmethod
    def of_file(cls, file: str) -> Self | None:
        """The names of the run that put that file into the Windows folder; None where none did."""
        found = _FILE_NAME.fullmatch(file)
        return cls.of(found[1]) if found else None

    @property
    def service(self) -> str:
        """Name and display name of the service."""
        return f"PAExec-{self.pid}-{self.computer}"

    @property
    def file(self) -> str:
        """The program in the Windows folder, and the name of its main pipe."""
        return f"{self.service}.exe"

    @property
    def copied_file(self) -> str:
        """The program that was brought along, in the Windows folder."""
        return f"{self.service}-{self.copied}"

    def pipe(self, stream: str) -> str:
        """The pipe of `Out`, `Err` or `In`; PAExec derives it from the same two numbers."""
        return f"PaExec{stream}{self.computer}{self.pid}"


def in_windows_folder(file: str) -> str:
    """A file's path on the host, as it is told to people."""
    return rf"%SystemRoot%\{file}"
