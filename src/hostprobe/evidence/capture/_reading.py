"""One capture, frame by frame, as tshark reads it: bounded in time, memory and length of line."""

import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import IO, Final

from hostprobe.errors import InputFileError
from hostprobe.evidence.capture._fields import frame, parts_of
from hostprobe.evidence.capture._frame import Frame
from hostprobe.evidence.capture._kind import kind
from hostprobe.evidence.capture._limits import Limits, confine
from hostprobe.evidence.capture._tshark import arguments, environment, program

_BUFFER: Final = 1 << 18
_PIPE: Final = 1 << 20
_TOLD: Final = 300
_LATEST: Final = 253_402_300_800.0  # the year 10000
_MOST_EMPTY: Final = 10_000
_CHATTER: Final = "Running as user"  # what tshark says to root, on a line of its own


class Reading:
    """A capture that is read once.

    Args:
        path: Of the file.
        limits: What it may cost.
        smtp_ports: Further ports on which mail is spoken.
        smb_ports: Further ports on which SMB is.

    Attributes:
        frames: How many the file has, as far as it has been read.
        first_at: When the first was captured; None before.
        last_at: When the latest was captured.
        cut: Why the file ends early, in tshark's words; empty where it is whole.
        unread: Lines of tshark's that were not understood, or too long.
    """

    def __init__(
        self,
        path: Path,
        limits: Limits | None = None,
        smtp_ports: Iterable[int] = (),
        smb_ports: Iterable[int] = (),
    ) -> None:
        self._path = path
        self._limits = limits or Limits()
        self._ports = tuple(smtp_ports), tuple(smb_ports)
        self.frames = 0
        self.first_at: float | None = None
        self.last_at: float | None = None
        self.cut = ""
        self.unread = 0

    def __iter__(self) -> Iterator[Frame]:
        """The frames of TCP and UDP in their order.

        Raises:
            UsageError: tshark is not installed.
            InputFileError: The file is no capture, or reading it costs too much.
        """
        kind(self._path)
        line = [program(), *arguments(self._path, *self._ports)]
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as complaints:
            with (
                Popen(  # noqa: S603 - tshark, without a shell
                    line,
                    stdin=DEVNULL,
                    stdout=PIPE,
                    stderr=complaints,
                    bufsize=_BUFFER,
                    pipesize=_PIPE,  # so that tshark need not wait for us
                    env=environment(folder),
                    cwd=folder,
                ) as process,
                self._watched(process) as is_late,
            ):
                assert process.stdout  # noqa: S101 - a pipe
                yield from self._frames(process.stdout)
                code = process.wait()
            self._check(code, _said(complaints), is_late=is_late.is_set())

    @contextmanager
    def _watched(self, process: Popen[bytes]) -> Iterator[threading.Event]:
        """Within it tshark runs; it ends with it, and where its time is over."""
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            process.kill()

        timer = threading.Timer(self._limits.seconds, end)
        try:
            with suppress(ProcessLookupError):  # it has ended already
                confine(process.pid, self._limits)
            timer.start()
            yield is_late
        finally:
            timer.cancel()
            process.kill()  # nobody reads on, as after an error

    def _frames(self, stream: IO[bytes]) -> Iterator[Frame]:
        empty = 0
        for line in self._lines(stream):
            try:
                parts = parts_of(line)
                at = _moment(parts[1])
                found = frame(parts)
                self._count(int(parts[0]), at)
            except ValueError:
                self.unread += 1
                continue
            empty = 0 if found else empty + 1
            if found:
                yield found
            elif empty >= _MOST_EMPTY and parts[2:4] == ["0", "0"]:
                msg = f"{str(self._path)!r}: {empty} frames on end are empty: the file is damaged"
                raise InputFileError(msg)

    def _lines(self, stream: IO[bytes]) -> Iterator[str]:
        """Lines without their ends; of one that is too long, nothing."""
        longest = self._limits.line_bytes
        while line := stream.readline(longest):
            if line.endswith(b"\n"):
                yield line[:-1].decode("utf-8", "replace")
                continue
            self.unread += 1
            while line and not line.endswith(b"\n"):
                line = stream.readline(longest)

    def _count(self, number: int, at: float) -> None:
        self.frames = number
        if self.first_at is None or at < self.first_at:
            self.first_at = at
        if self.last_at is None or at > self.last_at:
            self.last_at = at

    def _check(self, code: int, said: str, *, is_late: bool) -> None:
        """See how tshark ended.

        Raises:
            InputFileError: It gave up, or was ended.
        """
        name = repr(str(self._path))
        if is_late:
            msg = (
                f"{name}: not read in {self._limits.seconds:g} s (frame {self.frames}); cut it with"
                " editcap, or give it more time: --time-limit"
            )
            raise InputFileError(msg)
        if code < 0 or (code and "memory" in said.lower()):
            gib = self._limits.memory_bytes >> 30
            msg = (
                f"{name}: tshark died at frame {self.frames}, perhaps for want of memory ({gib} GiB"
                " may be used); cut the capture with editcap"
            )
            raise InputFileError(msg)
        if code and not self.frames:
            msg = f"{name}: tshark cannot read it: {said or f'code {code}'}"
            raise InputFileError(msg)
        if code:
            self.cut = said or f"tshark ended with code {code}"


def _moment(text: str) -> float:
    """Seconds since 1970.

    Raises:
        ValueError: It is before that, or beyond the years that there are.
    """
    at = float(text)
    if not 0 <= at < _LATEST:
        raise ValueError(text)
    return at


def _said(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read(4096).decode(errors="replace").splitlines()
    told = " ".join(line.strip() for line in lines if not line.startswith(_CHATTER))
    return told.removeprefix("tshark: ")[:_TOLD]
