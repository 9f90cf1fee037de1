"""Logs of servers that answer from a script: what is copied, and what is told of it."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath

import pytest
from tests.unit.cli.program import USER, Said, host_options, output_options
from tests.unit.cli.script import Host, Script

from hostprobe.cli.mail.copying import Copied, Copying
from hostprobe.cli.mail.hosts import asked
from hostprobe.cli.mail.server_options import ManyServersOptions, RemoteOptions
from hostprobe.cli.mail.sources import Logs, NoLogs
from hostprobe.cli.options import HostOptions, OutputOptions
from hostprobe.errors import (
    BadCredentialsError,
    InternalError,
    NothingMatchedError,
    RemoteFileError,
    SpoolError,
)
from hostprobe.evidence.smtp_log import USUAL_FOLDERS
from hostprobe.inventory.targets import Target
from hostprobe.transport.base import FolderEntry
from hostprobe.transport.scripted import ScriptedSession

TARGET = Target("ex01")
LOGS = PureWindowsPath(r"D:\logs")
AT = datetime(2026, 1, 8, 12, tzinfo=UTC)


@dataclass(slots=True)
class MailServer(ScriptedSession):
    """Has logs in one folder: pieces, and at their end an error where there is one."""

    answers: Mapping[object, object] = field(default_factory=dict)  # type: ignore[assignment] # none is asked for
    logs: Mapping[str, tuple[bytes | RemoteFileError, ...]] = field(default_factory=dict)
    links: int = 0

    def folder(self, path: PureWindowsPath) -> tuple[FolderEntry, ...] | None:
        """As Files.folder."""
        if path != LOGS:
            return None
        sizes = {
            name: sum(len(piece) for piece in pieces if isinstance(piece, bytes))
            for name, pieces in self.logs.items()
        }
        links = [FolderEntry(f"to{n}", 0, None, "link") for n in range(self.links)]
        return (*links, *(FolderEntry(name, size, AT, "file") for name, size in sizes.items()))

    def content(self, path: PureWindowsPath, most_bytes: int) -> Iterator[bytes]:
        """As Files.content."""
        for piece in self.logs[path.name]:
            if isinstance(piece, RemoteFileError):
                raise piece
            yield piece[:most_bytes]


def copied(
    session: ScriptedSession, into: Path, *, folders: tuple[PureWindowsPath, ...] = (LOGS,)
) -> Copied:
    """What is copied from a server."""
    work = Copying(into=into, folders=folders, since=None, most_bytes=1 << 20)
    return work(session, TARGET)


def test_copies_have_names_of_ours(tmp_path: Path) -> None:
    """Whatever a file is called on the server; the content is whole."""
    server = MailServer(logs={"aux.log": (b"a", b"b"), "con .log.gz": (b"c",)})
    logs = copied(server, tmp_path).logs
    assert {log.origin.name: log.path.read_bytes() for log in logs} == {
        "aux.log": b"ab",
        "con .log.gz": b"c",
    }
    assert {log.path.name for log in logs} == {"00000", "00001"}


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A file that breaks off is copied so far, one that cannot be opened is not; both are told."""
    error = RemoteFileError("ex01: cannot read it")
    found = copied(MailServer(logs={"a.log": (b"a", error), "b.log": (error,)}), tmp_path)
    assert [log.origin.name for log in found.logs] == ["a.log"]
    assert sorted(path.name for path, _ in found.bad) == ["a.log", "b.log"]


def test_notes(tmp_path: Path) -> None:
    """What was read, what was left out, and why."""
    logs = {f"{n}.log": (bytes(600_000),) for n in range(4)}
    notes = copied(MailServer(logs=logs, links=2), tmp_path).notes
    assert notes == (
        r"1 log (585.9 KB) read from D:\logs; nothing was put there",
        "the 3 oldest logs (1.7 MB) not read: --most 1 MB is reached; give more, or --since",
        "2 links (reparse points) not followed; --path names a folder",
    )


def test_a_log_that_is_there_twice(tmp_path: Path) -> None:
    """Of a log that lies there packed and unpacked, one is read, and that is said."""
    found = copied(MailServer(logs={"A.LOG": (b"a",), "a.log.gz": (b"b",)}), tmp_path)
    assert [log.origin.name for log in found.logs] == ["A.LOG"]
    assert found.notes[-1] == "1 log not read: unpacked there, too"


@pytest.mark.parametrize(
    ("folders", "told"),
    [
        (USUAL_FOLDERS, "there is none of Exchange's usual folders; --path"),
        ((LOGS / "x",), r"there is no D:\\logs\\x; --path"),
        ((LOGS,), r"no \*.log and no \*.log.gz in D:\\logs; Exchange writes"),
    ],
)
def test_no_logs(tmp_path: Path, folders: tuple[PureWindowsPath, ...], told: str) -> None:
    """The error says what to do."""
    with pytest.raises(NothingMatchedError, match=told):
        copied(MailServer(), tmp_path, folders=folders)


def test_no_room(tmp_path: Path) -> None:
    """That the copies have no place here is no failure of the server's."""
    with pytest.raises(SpoolError, match=r"ex01: cannot keep its logs in .*TMPDIR"):
        copied(MailServer(logs={"a.log": (b"a",)}), tmp_path / "none")


def test_a_session_without_files(tmp_path: Path) -> None:
    """One that only runs commands is a mistake of ours."""
    with pytest.raises(InternalError):
        copied(ScriptedSession({}), tmp_path)


def options(**more: Path) -> tuple[HostOptions, ManyServersOptions, OutputOptions]:
    """Those of a run against a script."""
    return host_options(), ManyServersOptions(jobs=1, **more), output_options("json")  # type: ignore[arg-type] # files


def ask(hosts: Mapping[str, Host], *targets: str) -> tuple[list[Logs | NoLogs], int]:
    """What came of the servers."""
    remote = RemoteOptions(on=list(targets), path=[str(LOGS)])
    with asked(remote, None, options(), Script(hosts), lambda _: None) as servers:
        for logs in servers.hosts:
            if isinstance(logs, Logs):
                assert all(file.path and file.path.exists() for file in logs.files)
        return list(servers.hosts), servers.code


def test_servers(said: Said) -> None:
    """Each in the order in which it was named; the copies are gone at the end."""
    server = MailServer(logs={"SEND2-10.log": (b"b",), "SEND2-9.log": (b"a",)})
    (absent, logs), code = ask({"ex01": server}, "ex02", "ex01")
    assert isinstance(absent, NoLogs)
    assert "the name has no address" in str(absent.errors[0])
    assert isinstance(logs, Logs)
    assert [file.name for file in logs.files] == [
        r"\\ex01\D$\logs\SEND2-9.log",
        r"\\ex01\D$\logs\SEND2-10.log",
    ]
    assert not any(file.path and file.path.exists() for file in logs.files)
    told = said(code).stderr
    assert f"2 hosts as {USER}, 1 at a time; their logs are read, nothing is put there" in told
    assert "ex01: 2 logs (0.0 KB) read from" in told
    assert code == 3


def test_a_server_that_is_not_asked(said: Said) -> None:
    """Where the account is spared, that is told, with its exit code."""
    wrong = BadCredentialsError("ex01: wrong")
    hosts, code = ask({"ex01": wrong, "ex02": MailServer()}, "ex01", "ex02")
    assert said(code).code == 5
    assert ["not asked" in str(error) for each in hosts for error in each.errors] == [False, True]  # type: ignore[union-attr] # none has logs


def test_an_alias(said: Said, tmp_path: Path) -> None:
    """Which address is meant is said first."""
    (tmp_path / "aliases").write_text("192.0.2.7 exchange\n")
    ended = said(ask({"192.0.2.7": MailServer(logs={"a.log": (b"a",)})}, "exchange")[1])
    assert "exchange is 192.0.2.7 (alias)" in ended.stderr


def test_no_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one nobody is asked."""
    monkeypatch.setattr(tempfile, "tempdir", f"{os.devnull}/none")
    with pytest.raises(SpoolError, match="no folder for the servers' logs"):
        ask({}, "ex01")
