"""PAExec's service on a fake host: its pipes, the program that it starts, and how it stops.

Its messages are read by the layout of PAExec's RemMsg, with code of our own.
"""

import re
import struct
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tests.unit.transport.psexec.fake_frames import OVERFLOW, SUCCESS, Answer, Later
from tests.unit.transport.psexec.virtual_time import Clock

NOT_FOUND, BROKEN, CANCELLED, INSTANCE_TAKEN = 0xC0000034, 0xC000014B, 0xC0000120, 0xC00000AC
OK, START_APP, FAILED = 4, 5, 6

_TASKKILL = re.compile(r"taskkill\.exe /f /t /pid (\d+)")


@dataclass(slots=True, kw_only=True)
class Script:
    """What the program prints and when it ends, in seconds from its start.

    Attributes:
        prints: When, on which pipe, what: each is one message of the pipe.
        ends_s: None where it never ends by itself.
        starts: False where PAExec cannot start it.
        settings_fail: Whether PAExec refuses the settings.
        is_killed: Whether security software ends PAExec at its start.
        main_late_s: From the service's start to PAExec's main pipe.
        pipes_late_s: From the order to start the program to the standard pipes.
        stop_s: From the order to stop to the service's end.
        image_held_s: From that to the process's end.
        breaks: What a read finds on a standard pipe whose program has ended.
        lacks: An executable that the host has not.
        holds_output: Whether what the program started keeps its standard pipes open.
        typed: What the program has read; with `reads` it ends when it finds the end.
        refuses_input: What a write to the program finds.
    """

    prints: Sequence[tuple[float, Literal["Out", "Err"], bytes]] = ((0.0, "Out", b"hello\r\n"),)
    ends_s: float | None = 0.0
    exit_code: int = 0
    starts: bool = True
    settings_fail: bool = False
    is_killed: bool = False
    main_late_s: float = 0.0
    pipes_late_s: float = 0.0
    stop_s: float = 0.0
    image_held_s: float = 0.0
    breaks: int = BROKEN
    lacks: str = ""
    holds_output: bool = False
    typed: bytearray = field(default_factory=bytearray)
    reads: bool = False
    refuses_input: int = SUCCESS


@dataclass(frozen=True, slots=True)
class Settings:
    """What PAExec was told: stdafx.h, class Settings."""

    unique_id: int
    executable: str
    arguments: str
    no_profile: bool
    system_account: bool
    user: str
    wide_view: bool
    timeout_s: int


class Pipe:
    """A named pipe in message mode, as one client sees it."""

    def __init__(self, closed: Callable[[], None], told: Callable[[bytes], Answer | None]) -> None:
        self.opened = self.broken = False
        self._breaks = BROKEN
        self._closed, self._told = closed, told
        self._messages: deque[bytes] = deque()
        self._waiting: deque[tuple[int, Later]] = deque()

    def say(self, message: bytes) -> bool:
        """Write one message to the client; whether anybody listens."""
        if self.broken:
            return False
        self._messages.append(message)
        self._serve()
        return True

    def end(self, breaks: int = BROKEN) -> None:
        """Let the client find the pipe broken once it has read everything."""
        self.broken, self._breaks = True, breaks
        self._serve()

    def _serve(self) -> None:
        while self._waiting and (self._messages or self.broken):
            length, later = self._waiting.popleft()
            later(self._next(length))

    def _next(self, length: int) -> Answer:
        if not self._messages:
            return Answer(self._breaks)
        message = self._messages.popleft()
        if len(message) <= length:
            return Answer(SUCCESS, message)
        self._messages.appendleft(message[length:])
        return Answer(OVERFLOW, message[:length])

    def read(self, length: int, later: Later) -> Answer | None:
        """As Opened.read."""
        if self._messages or self.broken:
            return self._next(length)
        self._waiting.append((length, later))
        return None

    def write(self, data: bytes, _offset: int) -> Answer:
        """As Opened.write; the answer of what is told comes by a read."""
        if self.broken:
            return Answer(BROKEN)
        answer = self._told(data)
        if answer is not None and answer.status:
            return answer
        if answer is not None:
            self.say(answer.body)
        return Answer(body=struct.pack("<HHIIHH", 17, 0, len(data), 0, 0, 0))

    def transceive(self, data: bytes, _most: int, _later: Later) -> Answer | None:
        """As Opened.transceive."""
        return Answer(BROKEN) if self.broken else self._told(data)

    def close(self) -> None:
        """As Opened.close."""
        self.broken = True
        self._messages.clear()
        waiting, self._waiting = self._waiting, deque()
        for _, later in waiting:
            later(Answer(CANCELLED))
        self._closed()


@dataclass(slots=True)
class Paexec:
    """One process of PAExec."""

    clock: Clock
    script: Script
    image: str
    pid: int
    stopped: Callable[[], None]
    kill: Callable[[int], bool]
    settings: Settings | None = None
    pipes: dict[str, Pipe] = field(default_factory=dict)
    program_runs: bool = False
    programs: int = 0
    told: list[Settings] = field(default_factory=list)
    _active: bool = False
    _stopping: bool = False

    def start(self) -> None:
        """Open the main pipe, soon."""
        if self.script.is_killed:
            self.end()
            return
        self._soon(self.script.main_late_s, self._open_main)

    def _soon(self, seconds: float, happens: Callable[[], None]) -> None:
        """Now, where nothing is late."""
        if seconds:
            self.clock.after(seconds, happens)
        else:
            happens()

    def _open_main(self) -> None:
        self.pipes[self.image.lower()] = Pipe(self.stop, self._told)

    def stop(self) -> None:
        """End once nothing is being done: looked for every five seconds."""
        if not self._stopping:
            self._stopping = True
            self._end_if_idle()

    def _end_if_idle(self) -> None:
        if self._active:
            self.clock.after(5.0, self._end_if_idle)
        else:
            self.clock.after(self.script.stop_s, self.end)

    def end(self) -> None:
        """The service is over, and what it started with it."""
        self.program_runs = self._active = False
        for pipe in list(self.pipes.values()):
            pipe.end()
        self.pipes.clear()
        self.stopped()

    def _told(self, data: bytes) -> Answer | None:
        if data[:2] == b"\1\0":
            self.settings = _settings(data)
            self.told.append(self.settings)
            return Answer(body=self._message(FAILED if self.script.settings_fail else OK, b""))
        kind, unique_id, length, pid, characters = struct.unpack_from("<HIIII", data)
        computer = data[18 : 18 + 2 * characters].decode("utf-16-le")
        assert (kind, length, len(data)) == (START_APP, 8 + 2 * characters, 18 + 2 * characters)
        assert self.settings is not None
        assert unique_id == self.settings.unique_id
        self._active = True
        self._soon(self.script.pipes_late_s, lambda: self._open_pipes(f"{computer}{pid}"))
        return None

    def _message(self, kind: int, body: bytes) -> bytes:
        unique_id = self.settings.unique_id if self.settings else 0
        return struct.pack("<HII", kind, unique_id, len(body)) + body

    def _open_pipes(self, suffix: str) -> None:
        for stream in ("Out", "Err"):
            self.pipes[f"PaExec{stream}{suffix}".lower()] = Pipe(lambda: None, lambda _data: None)
        self.pipes[f"PaExecIn{suffix}".lower()] = Pipe(self._typed_all, self._typed)

    def _typed(self, data: bytes) -> Answer | None:
        if self.script.refuses_input:
            return Answer(self.script.refuses_input)
        self.script.typed += data
        return None

    def _typed_all(self) -> None:
        if self.script.reads:
            self._ended(self.script.exit_code)

    def open(self, name: str) -> Pipe | int:
        """Open a pipe for the client; the program starts when all of its three are open."""
        pipe = self.pipes.get(name.lower())
        if pipe is None:
            return NOT_FOUND
        if pipe.opened:
            return INSTANCE_TAKEN
        pipe.opened = True
        standard = self._standard()
        if pipe in standard and all(each.opened for each in standard):
            self._run()
        return pipe

    def _standard(self) -> list[Pipe]:
        """Out, Err and In, as far as they are there."""
        return [pipe for name, pipe in self.pipes.items() if name != self.image.lower()]

    def _run(self) -> None:
        assert self.settings is not None
        if not self.script.starts or self.settings.executable == self.script.lacks:
            text = "Failed to start it. [Err=0x2]"
            body = struct.pack("<I", len(text)) + text.encode("utf-16-le")
            self._program_ended(self._message(FAILED, body))
            return
        killed = _TASKKILL.search(self.settings.arguments)
        if killed:
            code = 0 if self.kill(int(killed[1])) else 128
            self._program_ended(self._message(OK, struct.pack("<I", code)))
            return
        self.program_runs = True
        self.programs += 1
        for at_s, stream, data in self.script.prints:
            self.clock.after(at_s, lambda stream=stream, data=data: self._print(stream, data))  # type: ignore[misc] # mypy infers no lambda with defaults
        if self.script.ends_s is not None:
            self.clock.after(self.script.ends_s, lambda: self._ended(self.script.exit_code))
        self.clock.after(self.settings.timeout_s, lambda: self._ended(2**32 - 10))

    def _print(self, stream: str, data: bytes) -> None:
        begins = f"paexec{stream}".lower()
        pipe = next(pipe for name, pipe in self.pipes.items() if name.startswith(begins))
        if self.program_runs and not pipe.say(data):
            self._ended(1)  # nobody listens: its write fails

    def _ended(self, code: int) -> None:
        if self.program_runs:
            self.program_runs = False
            self._program_ended(self._message(OK, struct.pack("<I", code)))

    def _program_ended(self, message: bytes) -> None:
        if not self.script.holds_output:
            for pipe in self._standard():
                pipe.end(self.script.breaks)
        self._active = False
        main = self.pipes.get(self.image.lower())
        if main is not None:
            main.say(message)


def _settings(data: bytes) -> Settings:
    """Unscramble and read the settings: the key moves on by three with each byte."""
    (key,) = struct.unpack_from("<I", data, 2)
    scrambled = bytearray(data[6:])
    for at in range(len(scrambled) - 3):
        for byte, pad in enumerate(struct.pack("<I", (key + 3 * at) % 2**32)):
            scrambled[at + byte] ^= pad
    fields = _Fields(bytes(scrambled))
    unique_id, _length = fields.number(4), fields.number(4)  # pypsexec leaves the length at 0
    assert (fields.number(4), fields.number(4)) == (1, 0)  # version, processors
    _copy, _force, _newer, _asynchronous, no_profile = (fields.number(1) for _ in range(5))
    _session = fields.number(4)
    _interactive, _elevated, _limited = (fields.number(1) for _ in range(3))
    _password, user = fields.text(), fields.text()
    system_account, _folder, _shown = fields.number(1), fields.text(), fields.number(1)
    _priority, executable, arguments = fields.number(4), fields.text(), fields.text()
    wide_view = fields.number(1)
    return Settings(
        unique_id,
        executable,
        arguments,
        no_profile=bool(no_profile),
        system_account=bool(system_account),
        user=user,
        wide_view=bool(wide_view),
        timeout_s=int.from_bytes(scrambled[-4:], "little"),
    )


@dataclass(slots=True)
class _Fields:
    data: bytes
    at: int = 0

    def number(self, size: int) -> int:
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], "little")

    def text(self) -> str:
        size = 2 * self.number(4)
        self.at += size
        return self.data[self.at - size : self.at].decode("utf-16-le")
