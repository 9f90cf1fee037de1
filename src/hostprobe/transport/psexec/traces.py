"""What a run has put on a host: noted before each step, and told in the receipt."""

import contextlib
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from hostprobe.footprint import Footprint, Kind
from hostprobe.transport.psexec.names import Names, in_windows_folder

STREAMS: Final = ("Out", "Err", "In")
"""The standard pipes; PAExec waits for all three."""

Thing = Literal["file", "service", "copy"]
"""What is put on a host: PAExec's file, its service, and the file of a program brought along."""


@dataclass(slots=True)
class Traces:
    """What a run has put on the host, or may have: noted before each step is taken.

    Attributes:
        file: PAExec's file.
        copied: The file of a program that was brought along.
        registered: The service.
        started: The service's process.
        asked: PAExec was told to start the command: it waits for all three standard pipes.
        made_at: When the order went out to make each thing, None for one of an earlier run; without
            those that the host refused to make.
        manager: Handle of the service manager; None until it is open.
        service: Handle of the service; None until it is made.
        main: Id of the main pipe; None until it is open.
        pipes: Ids of the standard pipes that are open here: what reads them may be cut short.
        missing: Those that PAExec may still wait for.
        upload: Tickets of the upload, as long as it is not known to be done.
        copying: Id of the copied file, as long as it is open here.
    """

    names: Names
    file: bool = False
    copied: bool = False
    registered: bool = False
    started: bool = False
    asked: bool = False
    made_at: dict[Thing, datetime | None] = field(default_factory=dict)
    manager: bytes | None = None
    service: bytes | None = None
    main: bytes | None = None
    pipes: dict[str, bytes] = field(default_factory=dict)
    missing: set[str] = field(default_factory=lambda: set(STREAMS))
    upload: tuple[int, ...] = ()
    copying: bytes | None = None

    @contextlib.contextmanager
    def unless_refused(self, thing: Thing, refusal: type[Exception]) -> Iterator[None]:
        """Within it, the host answers the order to make a thing, or refuses it."""
        try:
            yield
        except refusal:
            del self.made_at[thing]
            raise

    def of_earlier_run(self) -> None:
        """Note all things as made by an earlier run."""
        self.made_at = dict.fromkeys(self._things())

    def footprints(self, left: Container[str], gone_at: datetime) -> tuple[Footprint, ...]:
        """What was put on the host.

        Args:
            left: What of it is still there, in words.
            gone_at: Since when all else is gone.
        """
        return tuple(
            Footprint(
                kind=kind,
                name=name,
                created_at=self.made_at[thing],
                removed_at=None if f"{kind} {name}" in left else gone_at,
            )
            for thing, (kind, name) in self._things().items()
            if thing in self.made_at
        )

    def _things(self) -> dict[Thing, tuple[Kind, str]]:
        things: dict[Thing, tuple[Kind, str]] = {
            "file": ("file", in_windows_folder(self.names.file)),
            "service": ("service", self.names.service),
        }
        if self.names.copied:
            things["copy"] = ("file", in_windows_folder(self.names.copied_file))
        return things

    def named(
        self, *, service: bool, file: bool, process: bool, copied: bool = False
    ) -> tuple[str, ...]:
        """Those of the traces that are still there, in words."""
        names = {
            f"service {self.names.service}": service,
            f"file {in_windows_folder(self.names.file)}": file,
            f"file {in_windows_folder(self.names.copied_file)}": copied,
            f"process {self.names.file}": process,
        }
        return tuple(name for name, is_there in names.items() if is_there)
