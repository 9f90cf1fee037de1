"""From the answer of the one command to records.

What could not be had is a note where the question can still be answered, and an error where it
cannot: connections need netstat, a list of processes needs one listing, names may be missing.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, TypeVar

from hostprobe.errors import (
    CommandFailedError,
    CommandTimeoutError,
    HostError,
    OutputTooLargeError,
    UnknownOutputError,
)
from hostprobe.models import Connection, Parsed, Process
from hostprobe.probes import _powershell, connections, processes
from hostprobe.snapshot._joins import merged, with_times
from hostprobe.snapshot._parts import Part, command
from hostprobe.snapshot._sections import Sections, split
from hostprobe.transport.base import CommandResult, Session
from hostprobe.transport.decoding import decode, decode_saved

CUT_SHORT = "cut short: "
"""How a note begins that tells why an answer is not whole."""

MAX_BYTES = 16 * 1024 * 1024  # about 200,000 connections
_MAX_ERROR_TEXT = 200
_UTF8 = 65001
_PROGRAMS = {
    Part.NETSTAT: "netstat",
    Part.TASKLIST: "tasklist",
    Part.SERVICES: "tasklist /svc",
    Part.POWERSHELL: "PowerShell",
}
_OTHER = {True: "powershell", False: "native"}

ProcessSource = Literal["powershell", "tasklist"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a host said about itself at one moment.

    Attributes:
        host_name: What the host states of itself.
        collected_at: When the answer was there, by our own clock.
        connections: None where nobody asked. Stray lines of the answer are in its `unparsed`,
            or in that of the processes where there are no connections.
        processes: None where nobody asked, or where no listing answered: a note says why.
        process_source: Who listed the processes.
        notes: What could not be had, and why, in words.
        raw: The answer itself; `read` understands it.
    """

    host_name: str | None
    collected_at: datetime
    connections: Parsed[Connection] | None
    processes: Parsed[Process] | None
    process_source: ProcessSource | None
    notes: tuple[str, ...]
    raw: bytes


def take(
    session: Session, parts: Sequence[Part], *, timeout_s: float, name: str | None = None
) -> Snapshot:
    """Run the one command and read its answer.

    A command that ends too late or says too much still counts, where what it said before then
    answers the question.

    Args:
        session: With the host.
        parts: What to ask for.
        timeout_s: How long the command may take.
        name: What errors call the host; its address where None.

    Raises:
        CommandFailedError: netstat, or cmd.exe itself, failed.
        UnknownOutputError: The answer lacks what was asked for.
        HostError: The session could not run the command.
    """
    name = name or session.facts.address
    try:
        result = session.run(command(parts), timeout_s=timeout_s, max_bytes=MAX_BYTES)
    except (CommandTimeoutError, OutputTooLargeError) as error:
        try:
            note = f"{CUT_SHORT}{str(error).removeprefix(f'{name}: ')}"
            return _take(name, error.partial or b"", parts, notes=[note])
        except (CommandFailedError, UnknownOutputError):
            raise error from None
    try:
        return _whole(name, result, parts)
    except HostError as error:
        error.partial = result.stdout
        raise


def _whole(name: str, result: CommandResult, parts: Sequence[Part]) -> Snapshot:
    if result.exit_code and not split(result.stdout).of:
        stderr = _one_line(decode(result.stderr, None))
        msg = f"{name}: cmd.exe failed with exit code {result.exit_code}: {stderr or 'no message'}"
        raise CommandFailedError(msg)
    return _take(name, result.stdout, parts, stderr=result.stderr)


def read(
    data: bytes, *, name: str = "the saved answer", collected_at: datetime | None = None
) -> Snapshot:
    """Read an answer of the one command that was saved earlier, in any encoding.

    Args:
        data: The file's bytes.
        name: What error messages call the file.
        collected_at: When it was saved; None means now, for the file itself does not say.

    Raises:
        CommandFailedError: netstat failed.
        UnknownOutputError: There is no marker in `data`, or the answer lacks what was asked for.
    """
    utf16 = b"\0" in data[:64]
    sections = split(decode_saved(data).encode() if utf16 else data)
    if not sections.of:
        msg = f"{name}: no part of an answer is in it; was it saved with --save-raw?"
        raise UnknownOutputError(msg)
    reading = _Reading(name, sections, decode_saved)
    return reading.snapshot(tuple(sections.of), data, collected_at or datetime.now(UTC))


def _take(
    name: str, data: bytes, parts: Sequence[Part], *, stderr: bytes = b"", notes: Iterable[str] = ()
) -> Snapshot:
    sections = split(data)
    errors = _one_line(decode(stderr, sections.code_page))
    reading = _Reading(name, sections, decode, errors, list(notes))
    return reading.snapshot(parts, data, datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class _Unusable:
    """A part that did not answer, and why."""

    reason: str
    kind: type[HostError] = UnknownOutputError


@dataclass(slots=True)
class _Reading:
    """One pass over the parts; collects the notes and the lines that nobody read."""

    name: str
    sections: Sections
    decode: Callable[[bytes, int | None], str]
    stderr: str = ""
    notes: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def snapshot(self, asked: Sequence[Part], raw: bytes, collected_at: datetime) -> Snapshot:
        """Read every part."""
        unasked = (s.output for part, s in self.sections.of.items() if part not in asked)
        for stray in (*self.sections.stray, *unasked):
            self.unread += _lines(self.decode(stray, self.sections.code_page))
        found = self._connections() if Part.NETSTAT in asked else None
        tasklist = self._tasklist(asked)
        full = self._powershell() if Part.POWERSHELL in asked else None
        listed = full.processes if full else tasklist
        self._explain(asked, full=full is not None, listed=bool(listed))
        if found:
            times = full.connection_times if full else ()
            found = Parsed(with_times(found.rows, times), (*found.unparsed, *self.unread))
        return Snapshot(
            host_name=self.sections.host_name,
            collected_at=collected_at,
            connections=found,
            processes=Parsed(listed, () if found else tuple(self.unread)) if listed else None,
            process_source=("powershell" if full else "tasklist") if listed else None,
            notes=tuple(self.notes),
            raw=raw,
        )

    def _connections(self) -> Parsed[Connection]:
        match self._answer(Part.NETSTAT, connections.PROBE.parse):
            case _Unusable(reason, kind):
                said = f" ({self.stderr})" if self.stderr else ""
                msg = f"{self.name}: {reason}{said}; see its whole answer with --save-raw"
                raise kind(msg)
            case answer:
                return answer

    def _tasklist(self, asked: Sequence[Part]) -> tuple[Process, ...]:
        rows: list[Process] = []
        for part in (Part.TASKLIST, Part.SERVICES):
            if part not in asked:
                continue
            match self._answer(part, processes.PROBE.parse):
                case _Unusable(reason):
                    self.notes.append(reason)
                case answer:
                    rows += answer.rows
                    self.unread += answer.unparsed
        return merged(rows)

    def _powershell(self) -> _powershell.Answer | None:
        match self._answer(Part.POWERSHELL, _powershell.parse):
            case _Unusable(reason):
                self.notes.append(reason)
                return None
            case answer:
                self.unread += answer.unparsed
                return answer

    def _answer(self, part: Part, parse: Callable[[str], T]) -> T | _Unusable:
        program = _PROGRAMS[part]
        section = self.sections.of.get(part)
        if section is None:
            return _Unusable(f"{program} did not answer to its end")
        code_page = _UTF8 if part is Part.POWERSHELL else self.sections.code_page
        text = self.decode(section.output, code_page)
        if section.exit_code:
            self.unread += _lines(text)
            reason = f"{program} failed with exit code {section.exit_code}"
            return _Unusable(reason, CommandFailedError)
        try:
            return parse(text)
        except UnknownOutputError as error:
            self.unread += _lines(text)
            return _Unusable(str(error))

    def _explain(self, asked: Sequence[Part], *, full: bool, listed: bool) -> None:
        """Say what the failed parts cost; raise where nothing is left of the answer."""
        if self.notes and self.stderr:
            self.notes.append(f"the host's error messages: {self.stderr}")
        native = Part.TASKLIST in asked or Part.SERVICES in asked
        powershell = Part.POWERSHELL in asked
        if listed and powershell and not full:
            self.notes.append("processes are from tasklist, without path, user and command line")
        if listed or not (native or powershell):
            return
        if native and Part.NETSTAT in asked:
            self.notes.append("the names of the processes are unknown")
            return
        other = "" if native and powershell else f", or try --collector {_OTHER[native]}"
        msg = f"{self.name}: {'; '.join(self.notes)}: see its whole answer with --save-raw{other}"
        raise UnknownOutputError(msg)


def _lines(text: str) -> list[str]:
    return [line for line in re.split(r"[\r\n]+", text) if line.strip()]


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_MAX_ERROR_TEXT]
