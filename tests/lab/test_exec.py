"""`hostprobe exec` in this process, against emulated hosts."""

import errno
import hashlib
import io
import json
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hostprobe import cli
from hostprobe.lab.machine.machine import Answer, Machine
from hostprobe.lab.server import Event
from tests.beds.bed import Clean
from tests.lab.host import LabBed, many_hosts, one_host

SECRET = "Pa55-of-another"
BATCH = b"@echo off\r\necho I am here\r\nmore\r\nexit 3\r\n"


@dataclass(slots=True)
class Ended:
    """How one run ended."""

    code: object
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output as a person reads it."""
        return self.out.decode(errors="replace").replace("\r\n", "\n")

    def records(self, kind: str) -> list[dict[str, object]]:
        """The JSON objects of that kind."""
        return [record for record in json.loads(self.out) if record["record"] == kind]


class Terminal(io.TextIOWrapper):
    """An output that a person looks at."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@dataclass(slots=True)
class Exec:
    """Runs `hostprobe exec` on a host."""

    bed: LabBed
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    at_terminal: bool = False
    out: type[io.BytesIO] = io.BytesIO

    @property
    def target(self) -> str:
        """The host, as it is typed."""
        return f"{self.bed.address}:{self.bed.port}"

    @property
    def receipt(self) -> str:
        """What is said at the end of each run."""
        return f"hostprobe: {self.target}: a service and a file were created and removed\n"

    def __call__(self, line: str, *more: str, typed: bytes = b"") -> Ended:
        """Run it with the words of `line`, and those of `more` as they are."""
        (self.folder / "typed").write_bytes(typed)
        kind = Terminal if self.at_terminal else io.TextIOWrapper
        out, err = self.out(), io.BytesIO()
        with self.monkeypatch.context() as patch, (self.folder / "typed").open() as stdin:
            patch.setattr(sys, "argv", ["hostprobe", "exec", *shlex.split(line), *more])
            patch.setattr(sys, "stdin", stdin)
            patch.setattr(sys, "stdout", kind(out, "utf-8", newline="", write_through=True))
            patch.setattr(sys, "stderr", kind(err, "utf-8", newline="", write_through=True))
            with pytest.raises(SystemExit) as ended:
                cli.main()
            told = Ended(ended.value.code, out.getvalue(), err.getvalue().decode())
        assert self.bed.password not in told.text + told.err
        assert SECRET not in told.text + told.err
        return told

    def audit(self) -> list[dict[str, object]]:
        """What the audit file tells."""
        lines = (self.folder / "audit.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def bed_is_up() -> Iterator[LabBed]:
    """A clean workstation."""
    with one_host("workstation") as bed:
        yield bed


@pytest.fixture
def run(bed_is_up: LabBed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exec]:
    """Runs on that host, which must be as it was afterwards."""
    clean = Clean(bed_is_up, bed_is_up.traces())
    yield prepared(bed_is_up, tmp_path, monkeypatch)
    left = clean.left()
    bed_is_up.remove(left)
    assert not left
    assert not list((tmp_path / "state").glob("journal/*.json"))


def prepared(bed: LabBed, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Exec:
    """The program with an account on that host."""
    monkeypatch.setenv("HOSTPROBE_USERNAME", bed.username)
    monkeypatch.setenv("HOSTPROBE_PASSWORD", bed.password)
    monkeypatch.setenv("HOSTPROBE_AUDIT_LOG", str(folder / "audit.jsonl"))
    monkeypatch.setenv("HOSTPROBE_STATE_DIR", str(folder / "state"))
    return Exec(bed, folder, monkeypatch)


def test_both_streams(run: Exec) -> None:
    """Standard output and error are passed on, each to ours, byte by byte."""
    ended = run(f'{run.target} -- cmd /c "echo one& echo two>&2"')
    assert (ended.code, ended.out, ended.err) == (0, b"one\r\n", "two\r\n" + run.receipt)


@pytest.mark.parametrize("number", [0, 1, 2, 70, 123])
def test_exit_code(run: Exec, number: int) -> None:
    """A code up to 123 is that of the program itself, and nothing more is said of it."""
    ended = run(f"{run.target} -- cmd /c exit {number}")
    assert (ended.code, ended.err) == (number, run.receipt)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("124", "124 (124, 0x0000007C)"),
        ("255", "255 (255, 0x000000FF)"),
        ("-1", "4294967295 (-1, 0xFFFFFFFF)"),
        ("-1073741819", "3221225477 (-1073741819, 0xC0000005)"),
        ("-10", "4294967286 (-10, 0xFFFFFFF6)"),
    ],
)
def test_other_exit_code(run: Exec, number: str, told: str) -> None:
    """For any other our code is 124, and the whole of it is told."""
    ended = run(f"{run.target} -- cmd /c exit {number}")
    said = f"hostprobe: {run.target}: exit code {told}\n"
    assert (ended.code, ended.err) == (124, said + run.receipt)


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ("-- nosuch.exe", 127, "cannot find the file"),
        (r"--workdir C:\nowhere -- cmd /c ver", 126, "directory name is invalid"),
        ("--smb-port 1 --connect-timeout 1 -- cmd /c ver", 125, "refused"),
    ],
)
def test_not_started(run: Exec, options: str, code: int, told: str) -> None:
    """127 is for a program that is not there, 126 for one that cannot start, 125 for ourselves."""
    target = run.bed.address if "--smb-port" in options else run.target
    ended = run(f"{target} {options}")
    assert ended.code == code
    assert ended.err.startswith(f"hostprobe: {run.bed.address}")
    assert told in ended.err


def test_input(run: Exec) -> None:
    """What is piped to us is what the program reads, up to its end."""
    assert run(f"{run.target} -- sort", typed=b"b\r\na\r\n").out == b"a\r\nb\r\n"
    assert run(f"{run.target} -n -- sort", typed=b"b\r\na\r\n").out == b""


def test_much_input(run: Exec) -> None:
    """8 MB go there and back unharmed."""
    typed = os.urandom(8 << 20)
    ended = run(f"{run.target} -- more", typed=typed)
    assert ended.code == 0
    assert hashlib.sha256(ended.out).digest() == hashlib.sha256(typed).digest()


def test_input_that_nobody_reads(run: Exec) -> None:
    """A program that ends without reading ends us, too."""
    ended = run(f"{run.target} -- cmd /c exit 5", typed=bytes(1 << 20))
    assert (ended.code, ended.err) == (5, run.receipt)


def test_in_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that cannot encrypt runs a program, too, but is not told another's password."""
    with one_host("windows7") as bed:
        run = prepared(bed, tmp_path, monkeypatch)
        monkeypatch.setenv("HOSTPROBE_AS_PASSWORD", SECRET)
        asked = f"{run.target} --allow-unencrypted"
        assert run(f"{asked} -- more", typed=bytes(100_000)).out == bytes(100_000)
        ended = run(f"{asked} --as other -- cmd /c ver")
        assert ended.code == 125
        assert "would cross the network in clear; nothing was run" in ended.err
        assert [entry["event"] for entry in run.audit()] == ["intent", "outcome", "refused"]


def test_timeout(run: Exec) -> None:
    """A program that does not end is ended with its descendants; what it printed has come."""
    ended = run(f'{run.target} --timeout 1.5 -- cmd /c "cmd /c ping -t 127.0.0.1"')
    assert ended.code == 124
    assert "did not end in time" in ended.err
    assert "Reply from 127.0.0.1" in ended.text
    assert not {"cmd.exe", "PING.EXE"} & set(run.bed.images())


def test_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the program on the host, and the exit code is 130."""
    me = threading.main_thread().ident
    assert me is not None

    def press(event: Event) -> None:
        if event.what == "command" and "PING" in event.detail:
            signal.pthread_kill(me, signal.SIGINT)

    with many_hosts(1, press) as (bed,):
        clean = Clean(bed, bed.traces())
        run = prepared(bed, tmp_path, monkeypatch)
        ended = run(f"{run.target} -- PING -t 127.0.0.1")
        assert ended.code == 130
        assert "stopped by you" in ended.err
        assert not clean.left()


class Gone(io.BytesIO):
    """What nobody reads any more."""

    def write(self, _data: object) -> int:
        """As a pipe whose other end is closed."""
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


class Full(io.BytesIO):
    """A file on a disk that is full."""

    def write(self, _data: object) -> int:
        """As such a file."""
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("out", "code"), [(Gone, 0), (Full, 125)])
def test_nobody_reads(run: Exec, out: type[io.BytesIO], code: int) -> None:
    """Where nobody reads on, as with `head`, the program is ended, and only that is no error."""
    run.out = out
    ended = run(f"{run.target} -- ping -t 127.0.0.1")
    assert ended.code == code
    assert ("No space left" in ended.err) == (code == 125)
    assert "PING.EXE" not in run.bed.images()


def test_copy(run: Exec) -> None:
    """A program of ours is uploaded, run with its arguments and input, and removed."""
    file = run.folder / "my tool.bat"
    file.write_bytes(BATCH)
    ended = run(f"{run.target} --copy '{file}' -- one 'two three'", typed=b"typed")
    assert (ended.code, ended.out) == (3, b"I am here\r\ntyped")
    plan = run.audit()[0]["plan"]
    assert isinstance(plan, dict)
    assert plan["arguments"] == 'one "two three"'
    assert plan["copied"] == {
        "name": "my_tool.bat",
        "size_bytes": len(BATCH),
        "sha256": hashlib.sha256(BATCH).hexdigest(),
    }


def test_large_copy(run: Exec) -> None:
    """A program of several megabytes arrives whole."""
    content = os.urandom(3_000_001)
    (run.folder / "big.exe").write_bytes(content)
    ended = run(f"{run.target} --copy {run.folder / 'big.exe'} -f json")
    assert ended.code == 0
    assert ended.records("host")[0]["left_behind"] == []


def test_detached(run: Exec) -> None:
    """Nobody waits for a detached program: its PID is told, and it goes on."""
    ended = run(f"{run.target} --detach -- ping -t 127.0.0.1")
    assert ended.code == 0
    pid = int(ended.text)
    assert run.bed.process_names()[pid] == "PING.EXE"
    run.bed.of_machine(lambda machine: machine.processes.kill(pid))


def test_settings(run: Exec) -> None:
    """Priority, session and folder are those that were asked for."""
    options = "--priority high --session 2 --cpus 1,3 --detach"
    pid = int(run(f"{run.target} {options} -- ping -t 127.0.0.1").text)

    def look(machine: Machine) -> tuple[int, int]:
        process = machine.processes.get(pid)
        assert process is not None
        machine.processes.kill(pid)
        return process.priority, process.session_id

    assert run.bed.of_machine(look) == (13, 2)
    assert run(rf"{run.target} --workdir 'C:\Users' -- cmd /c cd").out == b"C:\\Users\r\n"


def test_session_without_output(run: Exec) -> None:
    """A program on a desktop is waited for, and its exit code is passed on; its output is not."""
    ended = run(f'{run.target} --session 1 -- cmd /c "echo one& exit 9"', typed=b"x")
    assert (ended.code, ended.out) == (9, b"")


@pytest.mark.parametrize(
    ("options", "user"),
    [
        ("", "administrator"),
        ("--as-system", r"nt authority\system"),
        ("--as other", "other"),
        ("--as other --elevated", "other"),
        ("--limited", "administrator"),
    ],
)
def test_accounts(run: Exec, monkeypatch: pytest.MonkeyPatch, options: str, user: str) -> None:
    """A program runs as who was asked for, and no password is told or written down."""
    run.bed.add_account("other", SECRET)
    monkeypatch.setenv("HOSTPROBE_AS_PASSWORD", SECRET)
    ended = run(f"{run.target} {options} --ticket INC-42 -- whoami")
    assert ended.code == 0
    assert ended.text.strip().endswith(user)
    assert ("stay in the memory of the host" in ended.err) == ("--as " in options)
    intent, outcome = run.audit()
    assert (intent["event"], outcome["event"], intent["ticket"]) == ("intent", "outcome", "INC-42")
    assert SECRET not in json.dumps([intent, outcome])


def test_wrong_password_of_another(run: Exec, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the host does not let the other account in, nothing is started."""
    monkeypatch.setenv("HOSTPROBE_AS_PASSWORD", SECRET)
    ended = run(f"{run.target} --as nobody -- whoami")
    assert ended.code == 126
    assert "Error logging in as nobody" in ended.err


def test_record(run: Exec) -> None:
    """With -f json the output is in a record, with the exit code in three ways."""
    ended = run(f'{run.target} -f json -- cmd /c "echo one& echo two>&2& exit -1"')
    assert ended.code == 124
    (row,) = ended.records("run")
    assert (row["exit_code"], row["exit_code_signed"]) == (4294967295, -1)
    assert (row["exit_code_hex"], row["pid"]) == ("0xFFFFFFFF", None)
    assert (row["stdout"], row["stderr"]) == ("one\r\n", "two\r\n")
    assert (row["stdout_truncated"], row["stderr_truncated"]) == (False, False)
    assert ended.records("host")[0]["status"] == "answered"


def test_record_of_a_program_that_was_ended(run: Exec) -> None:
    """What a program had printed is kept, though it did not end."""
    ended = run(f"{run.target} --timeout 1.5 -f json -- ping -t 127.0.0.1")
    (row,), (host,) = ended.records("run"), ended.records("host")
    assert (row["exit_code"], host["status"], host["rows"]) == (None, "failed", 1)
    assert "Reply from" in str(row["stdout"])


def test_record_is_bounded(run: Exec) -> None:
    """Of a flood a record has the beginning, and says so."""

    def flood(machine: Machine) -> None:
        machine.answers = {"hostname": Answer(text=b"x" * 1000 + b"\r\n", times=2000)}

    run.bed.of_machine(flood)
    ended = run(f"{run.target} -f json -- hostname")
    run.bed.of_machine(lambda machine: setattr(machine, "answers", {}))
    (row,) = ended.records("run")
    assert (ended.code, row["stdout_truncated"], len(str(row["stdout"]))) == (0, True, 1 << 18)


def test_code_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal shows what the host means; a pipe gets its bytes, unless a page was named."""
    with one_host("german") as bed:
        run = prepared(bed, tmp_path, monkeypatch)
        asked = f"{run.target} -- cmd /c echo", "Jürgen"
        assert run(*asked).out == "Jürgen\r\n".encode("cp850")
        assert run(f"{run.target} --encoding cp850 -- cmd /c echo", "Jürgen").text == "Jürgen\n"
        run.at_terminal = True
        assert run(*asked).text == "Jürgen\n"
        assert run(f"{run.target} --raw -- cmd /c echo", "Jürgen").out == "Jürgen\r\n".encode(
            "cp850"
        )


def test_page_that_is_not_told(run: Exec) -> None:
    """Where cmd.exe does not answer, the page is unknown, and what is no UTF-8 shows as codes."""

    def mute(machine: Machine) -> None:
        machine.answers = {"cmd": Answer(text=b""), "hostname": Answer(text=b"gr\x81n\x1b[0m")}

    run.bed.of_machine(mute)
    run.at_terminal = True
    ended = run(f"{run.target} -- hostname")
    run.bed.of_machine(lambda machine: setattr(machine, "answers", {}))
    assert ended.text == r"gr\x81n\x1b[0m"


def test_several_hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of several hosts have their names; a plan is shown, and codes that are not 0."""
    with many_hosts(3) as beds:
        run = prepared(beds[0], tmp_path, monkeypatch)
        targets = [f"{bed.address}:{bed.port}" for bed in beds]
        hosts = " ".join(targets)
        ended = run(f"{hosts} --yes -- cmd /c", "echo one& echo two& exit 4", typed=b"x")
        lines = ended.text.splitlines()
        assert ended.code == 1
        assert sorted(lines) == sorted(
            f"{target}: {word}" for target in targets for word in ("one", "two")
        )
        assert "stdin is passed on only to one host" in ended.err
        assert "  run       cmd /c" in ended.err
        assert f"hostprobe: {targets[2]}: exit code 4" in ended.err
        assert "3 hosts: 0 ended with 0, 3 with another code, 0 failed" in ended.err
        assert len(run.audit()) == 6

        ended = run(f"{hosts} --yes -q -f csv --columns host,exit_code -- cmd /c ver")
        assert ended.code == 0
        assert sorted(ended.text.splitlines()[1:]) == sorted(f"{t},0,run,," for t in targets)

        ended = run(f"{hosts} --yes -q --detach -- cmd /c ver")
        told = [line.rpartition(": ") for line in ended.text.splitlines()]
        assert sorted(name for name, _, _ in told) == sorted(targets)
        assert all(pid.isdigit() for _, _, pid in told)

        ended = run(f"{hosts} 127.0.0.1:1 --yes -q -- cmd /c ver")
        assert ended.code == 3


def test_several_hosts_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second host waits for the first one's log-in, not for the end of its program."""
    me = threading.main_thread().ident
    assert me is not None
    begun: list[Event] = []

    def press(event: Event) -> None:
        if event.what == "command" and "PING" in event.detail:
            begun.append(event)
            if len(begun) == 2:
                signal.pthread_kill(me, signal.SIGINT)

    with many_hosts(2, press) as beds:
        run = prepared(beds[0], tmp_path, monkeypatch)
        hosts = " ".join(f"{bed.address}:{bed.port}" for bed in beds)
        ended = run(f"{hosts} --yes --timeout 8 -f json -- PING -t 127.0.0.1")
    errors = [host["error"] for host in ended.records("host")]
    assert ended.code == 130
    assert [error["kind"] for error in errors if isinstance(error, dict)] == ["stopped"] * 2


@pytest.mark.parametrize("knows", [False, True])
def test_wrong_password_of_another_on_several_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, knows: bool
) -> None:
    """The password of --as is told to one host alone until one has taken it: nobody is locked."""
    monkeypatch.setenv("HOSTPROBE_AS_PASSWORD", SECRET)
    with many_hosts(4) as beds:
        run = prepared(beds[0], tmp_path, monkeypatch)
        for bed in beds if knows else ():
            bed.add_account("other", SECRET)
        hosts = " ".join(f"{bed.address}:{bed.port}" for bed in beds)
        ended = run(f"{hosts} --yes --as other -f json -- whoami")
        told = [host["error"] for host in ended.records("host")]
        begun = [entry for entry in run.audit() if entry["event"] == "intent"]
    if knows:
        assert (ended.code, told, len(begun)) == (0, [None] * 4, 4)
        return
    kinds = sorted(error["kind"] for error in told if isinstance(error, dict))
    assert (ended.code, len(begun)) == (5, 1)
    assert kinds == ["not_asked", "not_asked", "not_asked", "run_as"]
    assert "other could not log on at 127.0.0." in ended.err


def test_several_hosts_need_a_yes(run: Exec) -> None:
    """Without a yes nothing is run on several hosts, and nobody logs in."""
    ended = run(f"{run.target} 127.0.0.9 -- cmd /c ver")
    assert (ended.code, ended.out) == (6, b"")
    assert "--yes" in ended.err
    assert not (run.folder / "audit.jsonl").exists()


def test_dry_run(run: Exec, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan is shown, the hosts are listed, and nobody logs in."""
    monkeypatch.setenv("HOSTPROBE_AS_PASSWORD", SECRET)
    (run.folder / "t.exe").write_bytes(b"MZ")
    options = f"--dry-run --as other --limited --copy {run.folder / 't.exe'}"
    ended = run(f"{run.target} {options} -- /q")
    assert (ended.code, ended.text) == (0, f"{run.target}\n")
    for line in ("run       t.exe /q", "as        other, limited", "upload    2 bytes"):
        assert f"  {line}" in ended.err
    assert "leave it running" in run(f"{run.target} --dry-run --detach -- x").err
    assert not (run.folder / "audit.jsonl").exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("netstat", "write it behind --"),
        ("--", "nothing stands behind --"),
        ("--as-system --as x -- y", "--as-system and --as cannot be used together"),
        ("--elevated --limited -- y", "--elevated and --limited cannot"),
        ("--detach --copy {file} -- y", "--detach and --copy, as nobody"),
        ("--as-password-file {file} -- y", "whose is it?"),
        ("--cpus 0 -- y", "numbers from 1 to 32"),
        ("--cpus 33 -- y", "numbers from 1 to 32"),
        ("--copy {folder}/none -- y", "cannot read"),
        ("--copy {folder}/empty -- y", "is empty"),
        ("--encoding nope -- y", "--encoding 'nope'"),
        ("--raw -f json -- y", "--raw is for"),
        ("-o x -- y", "-o keeps records"),
        (f"--workdir {'x' * 7500} -- y", "than the 7,500 that PAExec takes"),
        ("-- y \udcff", "a byte that is no text here"),
        ("--as other -- y", "no password of --as other"),
        ("10.0.0.0/16 --yes -- y", "65,534 hosts: keep them in a file"),
    ],
)
def test_usage(run: Exec, options: str, complaint: str) -> None:
    """What cannot be done as asked is told in one line, before anybody logs in."""
    (run.folder / "file").write_bytes(b"x")
    (run.folder / "empty").write_bytes(b"")
    line = options.format(file=run.folder / "file", folder=run.folder)
    ended = run(f"{run.target} {line}")
    assert (ended.code, ended.out) == (2, b"")
    assert complaint in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("words", ["-- hostname", "--copy {file} -- hostname", "--dry-run -- x"])
def test_no_host(run: Exec, words: str) -> None:
    """Where no host is named, that is said: nothing was run, which is no success."""
    (run.folder / "file").write_bytes(b"x")
    ended = run(words.format(file=run.folder / "file"))
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err == "hostprobe: on which host? name a TARGET before --\n"


def test_large_file(run: Exec) -> None:
    """A program that is too large to bring along is refused before it is read whole."""
    with (run.folder / "huge.exe").open("wb") as file:
        file.truncate((1 << 26) + 1)
    ended = run(f"{run.target} --copy {run.folder / 'huge.exe'}")
    assert (ended.code, "is larger than 64 MB" in ended.err) == (2, True)


def test_password_file(run: Exec) -> None:
    """The password of --as may be in a file."""
    run.bed.add_account("other", SECRET)
    (run.folder / "secret").write_text(SECRET)
    options = f"--as other --as-password-file {run.folder / 'secret'}"
    assert run(f"{run.target} {options} -- whoami").code == 0


def test_audit_that_cannot_be_written(run: Exec, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a word in the audit file nothing is run."""
    monkeypatch.setenv("HOSTPROBE_AUDIT_LOG", str(run.folder))
    ended = run(f"{run.target} -- ping -t 127.0.0.1")
    assert ended.code == 125
    assert "audit file cannot be written" in ended.err
