"""`mail log --on`: the logs of emulated mail servers, read over SMB."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hostprobe.lab.machine.files import Attributes, Node
from hostprobe.lab.machine.machine import Machine
from tests.beds.program import Answer, Hostprobe
from tests.lab.host import LabBed, one_host

_LOGS = r"C:\Program Files\Microsoft\Exchange Server\V15\TransportRoles\Logs"
_SEND = rf"{_LOGS}\Hub\ProtocolLog\SmtpSend"


@pytest.fixture
def bed() -> Iterator[LabBed]:
    """A mail server of its own, which a test may change."""
    with one_host("mail-server") as made:
        yield made


@pytest.fixture
def hostprobe(bed: LabBed, tmp_path: Path) -> Hostprobe:
    """The installed hostprobe."""
    return Hostprobe(bed, tmp_path)


def ask(hostprobe: Hostprobe, *words: str, password: str | None = None) -> Answer:
    """What `mail log` says of the server, in JSON unless the words say otherwise."""
    on = ("--on", "127.0.0.1", "--smb-port", str(hostprobe.bed.port), "-f", "json")
    return hostprobe.answer(hostprobe.start("mail", "log", *on, *words, password=password))


def sessions(answer: Answer) -> list[object]:
    """Their ids."""
    return [each["session_id"] for each in answer.records("session")]


def node(machine: Machine, path: str) -> Node:
    """A file or a folder of the server."""
    found = machine.files.find(path)
    assert found is not None
    return found


def test_sessions(hostprobe: Hostprobe, bed: LabBed) -> None:
    """A session that crosses files is one; host, source and both sides are told."""
    before = bed.traces()
    answer = ask(hostprobe, "--stuck", "--receipt", "r.json")
    (stuck,) = answer.records("session")
    target = f"127.0.0.1:{bed.port}"
    told = {name: stuck[name] for name in ("host", "site", "type", "outcome", "session_id")}
    assert told == {
        "host": target,
        "site": target,
        "type": "send",
        "outcome": "no_reply",
        "session_id": "08CB3FF87FA34699",
    }
    assert stuck["source"] == r"\\127.0.0.1\C$" + rf"{_SEND[2:]}\SEND2026010821-1.LOG"
    assert stuck["collected_at"]
    host = answer.host
    assert (host["target"], host["status"], host["rows"]) == (target, "answered", 1)
    assert (host["encrypted"], host["left_behind"], answer.exit_code) == (True, [], 0)
    assert "3 logs (4" in answer.stderr
    assert bed.traces() == before
    receipt = json.loads((hostprobe.folder / "r.json").read_text())
    assert [event["id"] for event in receipt["events"]] == [4624, 5140, 5145]
    assert receipt["hosts"][0]["created"] == []


def test_nothing_is_made_on_the_server(hostprobe: Hostprobe, bed: LabBed) -> None:
    """No service and no file: what clients do there is log in and open shares."""
    heard: list[str] = []
    bed.of_machine(lambda machine: setattr(machine, "on_event", lambda e: heard.append(e.what)))
    assert ask(hostprobe).exit_code == 0
    assert "share" in heard
    assert set(heard) <= {"connected", "log-in", "share", "disconnected"}, heard


def test_a_dialogue_and_groups(hostprobe: Hostprobe) -> None:
    """The other views are those of files."""
    lines = ask(hostprobe, "--session", "08CB3FF87FA34699").records("line")
    assert [line["text"] for line in lines[-3:]] == [
        "DATA",
        '354 Enter mail, end with "." on a line by itself.',
        "",
    ]
    groups = ask(hostprobe, "--by", "size,site").records("group")
    assert [(group["failed"], group["accepted"]) for group in groups] == [(1, 0), (0, 1)]


def test_only_what_is_late_is_read(hostprobe: Hostprobe, bed: LabBed) -> None:
    """With --since a file is known by its time; the last of a folder is read whatever its time."""

    def date(machine: Machine) -> None:
        long_ago = datetime(2026, 1, 8, 21, 59, tzinfo=UTC).timestamp()
        for folder in ("FrontEnd", "Hub"):
            top = node(machine, rf"{_LOGS}\{folder}\ProtocolLog")
            for logs in (top.children or {}).values():
                for log in (logs.children or {}).values():
                    log.written_at = long_ago

    bed.of_machine(date)
    answer = ask(hostprobe, "--since", "2026-01-08T23:10")
    assert "2 logs (" in answer.stderr
    assert "1 log not read: last written an hour or more before --since" in answer.stderr
    answer = ask(hostprobe, "--since", "2026-01-08T22:00")
    assert "3 logs (" in answer.stderr


def test_a_bound(hostprobe: Hostprobe, bed: LabBed) -> None:
    """What --most leaves out is told, with the way out."""
    log = node(bed.host.machine, rf"{_SEND}\SEND2026010821-1.LOG")
    bed.of_machine(lambda _: log.write(log.size, b"x" * (1 << 20)))
    answer = ask(hostprobe, "--most", "1")
    assert "2 logs (" in answer.stderr
    assert "the oldest log (1.0 MB) not read: --most 1 MB is reached" in answer.stderr


def test_another_folder(hostprobe: Hostprobe, bed: LabBed) -> None:
    """--path takes the place of the usual folders, and its names keep their type."""
    line = b"2026-01-08T22:01:05.966Z,C,08CB,0,,10.1.7.25:2525,*,,attempting to connect\r\n"
    bed.of_machine(lambda machine: machine.files.put(r"C:\mail\SmtpSend\a.log", line))
    answer = ask(hostprobe, "--path", "c:/mail")
    assert sessions(answer) == ["08CB"]
    assert answer.records("session")[0]["type"] == "send"


@pytest.mark.parametrize(
    ("path", "code", "told"),
    [
        (r"D:\logs", 4, "cannot open D$: the host has no such share, or drive"),
        (r"C:\none", 1, r"no logs: there is no C:\none; --path names the folder"),
        (r"C:\Windows", 1, r"no *.log and no *.log.gz in C:\Windows; Exchange writes them for"),
        (rf"{_SEND}\SEND2026010821-1.LOG", 4, "it is no folder"),
    ],
)
def test_no_logs(hostprobe: Hostprobe, path: str, code: int, told: str) -> None:
    """The cause is named, and the way out."""
    answer = ask(hostprobe, "--path", path)
    assert answer.exit_code == code
    assert told in answer.stderr


def test_no_exchange(hostprobe: Hostprobe, bed: LabBed) -> None:
    """A host without the usual folders has no logs."""
    bed.of_machine(lambda machine: node(machine, r"C:\Program Files\Microsoft").unlink())
    answer = ask(hostprobe)
    assert (answer.exit_code, answer.host["rows"]) == (1, 0)
    assert "there is no any of" not in answer.stderr
    assert "none of Exchange's usual folders" in answer.stderr


def test_a_file_in_use(hostprobe: Hostprobe, bed: LabBed) -> None:
    """One file that nobody may read is named; the others are read."""

    def lock(machine: Machine) -> None:
        folder = node(machine, _SEND)
        folder.add("SEND2026010820-1.LOG", {}).attributes = Attributes.ARCHIVE

    bed.of_machine(lock)
    answer = ask(hostprobe)
    assert answer.exit_code == 3
    assert "SEND2026010820-1.LOG: it is a folder" in answer.stderr
    assert len(sessions(answer)) == 4


def test_a_folder_that_cannot_be_read(hostprobe: Hostprobe, bed: LabBed) -> None:
    """It is named, once; the other folders are read, and the exit code says that some failed."""

    def close(machine: Machine) -> None:
        node(machine, _SEND).add("closed", b"").attributes = Attributes.DIRECTORY

    bed.of_machine(close)
    answer = ask(hostprobe)
    assert answer.exit_code == 3
    assert answer.stderr.count(r"SmtpSend\closed: it is no folder") == 1
    assert len(sessions(answer)) == 4


def test_no_journal(hostprobe: Hostprobe) -> None:
    """As nothing is put on the server, no journal of that is needed."""
    (hostprobe.folder / "state").write_text("no folder")
    assert ask(hostprobe).exit_code == 0


def test_hostile_names(hostprobe: Hostprobe, bed: LabBed) -> None:
    """Names that no file has end the visit, and none reaches the terminal."""
    bed.of_machine(lambda machine: node(machine, _SEND).add("\x1b[2Jx.log", b"x"))
    answer = ask(hostprobe)
    assert (answer.exit_code, answer.error_kind) == (4, "protocol")
    assert "\x1b" not in answer.stdout + answer.stderr


def test_a_host_that_falls_silent(hostprobe: Hostprobe, bed: LabBed) -> None:
    """It is a failure of the host, in time."""
    bed.set_quirks(replace(bed.quirks, silent_after=20))
    answer = ask(hostprobe, "--timeout", "1", "--retries", "0")
    assert (answer.exit_code, answer.error_kind) == (4, "deadline")
    assert "cannot read files: no answer in time" in answer.stderr


def test_a_wrong_password(hostprobe: Hostprobe) -> None:
    """It is that of any command."""
    answer = ask(hostprobe, password="wrong-secret")
    assert (answer.exit_code, answer.error_kind) == (5, "bad_credentials")


def test_several_servers(hostprobe: Hostprobe, bed: LabBed) -> None:
    """One that does not answer is told among the others, and listed."""
    answer = ask(hostprobe, "--on", "127.0.0.9:9", "--failed-to", "failed.txt")
    hosts = {host["target"]: host["status"] for host in answer.records("host")}
    assert hosts == {f"127.0.0.1:{bed.port}": "answered", "127.0.0.9:9": "failed"}
    assert answer.exit_code == 3
    assert len(sessions(answer)) == 4
    assert (hostprobe.folder / "failed.txt").read_text() == "127.0.0.9:9\n"


def test_a_server_named_twice(hostprobe: Hostprobe, bed: LabBed) -> None:
    """It is read once, and that is no failure."""
    answer = ask(hostprobe, "--on", f"localhost:{bed.port}")
    assert answer.exit_code == 0, answer.stderr
    assert len(sessions(answer)) in {4, 8}
