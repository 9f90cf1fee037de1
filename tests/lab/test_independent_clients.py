"""Clients that others have written do their job against the lab: impacket, Samba, pypsexec.

Where one is not installed its tests skip. pypsexec's own tests are in no package: a checkout of its
source that holds them is named by HOSTPROBE_PYPSEXEC_SOURCE.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import pytest

from tests.beds.bed import Clean
from tests.lab.host import LabBed, one_host

_BIN = Path(sys.executable).parent
_REDIRECTED = Path(__file__).with_name("redirected.py")
_TIMEOUT_S = 200.0  # pypsexec's tests pause a second after each
_CONTENT = bytes(range(256)) * 1000
_SOURCE = os.environ.get("HOSTPROBE_PYPSEXEC_SOURCE")
_SAMBA_OPTIONS = ("--configfile=/dev/null", "--option=client min protocol=SMB2_02")

impacket = pytest.mark.skipif(
    importlib.util.find_spec("impacket") is None, reason="impacket is not installed"
)
samba = pytest.mark.skipif(
    shutil.which("smbclient") is None or shutil.which("rpcclient") is None,
    reason="smbclient and rpcclient are not installed",
)


@pytest.fixture
def host() -> Iterator[LabBed]:
    """A workstation that is left as it was."""
    with one_host("workstation") as bed:
        clean = Clean(bed, bed.traces())
        yield bed
        assert not clean.left()


@pytest.fixture
def prompt_host(host: LabBed) -> LabBed:
    """One without Windows' delays: it is for clients that do not wait, and try nothing twice."""
    prompt = replace(
        host.quirks,
        service_start_s=0,
        service_stop_s=0,
        pipe_late_s=0,
        standard_pipes_late_s=0,
        image_locked_s=0,
    )
    host.set_quirks(prompt)
    return host


@dataclass(frozen=True, slots=True)
class Said:
    """How a program ended, and all that it printed."""

    exit_code: int
    text: str


class Awaited(str):
    """Text that a program must have printed before the next line is typed."""

    __slots__ = ()


def _wait_for(text: Awaited, printed: IO[bytes], program: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _TIMEOUT_S
    while text.encode() not in os.pread(printed.fileno(), 1 << 20, 0):
        assert program.poll() is None, "it ended before it had said all"
        assert time.monotonic() < until, f"it never said {text!r}"
        time.sleep(0.05)  # a poll: another program prints when it pleases


def _run(
    command: Sequence[str],
    typed: Sequence[str | Awaited] = (),
    *,
    cwd: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Said:
    """Run a client, at whose keyboard somebody sits: its input does not end before it does."""
    with (
        tempfile.TemporaryFile() as printed,
        subprocess.Popen(  # noqa: S603  # a client under test
            command,
            stdin=subprocess.PIPE,
            stdout=printed,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=environment,
        ) as program,
    ):
        assert program.stdin is not None
        for line in typed:
            if isinstance(line, Awaited):
                _wait_for(line, printed, program)
            else:
                program.stdin.write(line.encode())
                program.stdin.flush()
        try:
            exit_code = program.wait(timeout=_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            program.kill()
            raise
        printed.seek(0)
        text = printed.read().decode(errors="replace")
    return Said(exit_code, text.replace("\r\n", "\n"))


def _redirected(host: LabBed, script: str) -> tuple[str, ...]:
    """An installed Python script, whose connections to port 445 go to the host."""
    return (sys.executable, str(_REDIRECTED), str(host.port), str(_BIN / script))


def _impacket(
    host: LabBed,
    script: str,
    *arguments: str,
    typed: Sequence[str | Awaited] = (),
    cwd: Path | None = None,
) -> str:
    """What a script of impacket prints; it must not fail."""
    target = f"{host.username}:{host.password}@127.0.0.1"
    said = _run([*_redirected(host, script), target, *arguments], typed, cwd=cwd)
    assert said.exit_code == 0, said.text
    assert "Traceback" not in said.text
    return said.text


@impacket
def test_impacket_services(host: LabBed) -> None:
    """services.py creates, changes, shows, starts, stops and deletes a service."""
    ours = ("-name", "probe")
    _impacket(
        host, "services.py", "create", *ours, "-display", "Probe", "-path", r"C:\Windows\probe.exe"
    )
    assert "Probe" in _impacket(host, "services.py", "list")
    _impacket(host, "services.py", "change", *ours, "-display", "Other")
    config = _impacket(host, "services.py", "config", *ours)
    assert "Other" in config
    assert r"C:\Windows\probe.exe" in config
    assert "FILE_NOT_FOUND" in _impacket(host, "services.py", "start", *ours)
    assert "STOPPED" in _impacket(host, "services.py", "status", *ours)
    _impacket(host, "services.py", "delete", *ours)


@impacket
def test_impacket_stops_a_service(host: LabBed) -> None:
    """services.py stops a service of the host."""
    spooler = ("-name", "Spooler")
    assert "RUNNING" in _impacket(host, "services.py", "status", *spooler)
    _impacket(host, "services.py", "stop", *spooler)
    assert "STOPPED" in _impacket(host, "services.py", "status", *spooler)
    assert "spoolsv.exe" not in host.images()


@impacket
def test_impacket_files(host: LabBed, tmp_path: Path) -> None:
    """smbclient.py lists shares, and puts, lists, gets and removes files."""
    sent, got = tmp_path / "sent.bin", tmp_path / "got"
    sent.write_bytes(_CONTENT)
    got.mkdir()
    lines = ("shares", "use C$", "mkdir probe", "cd probe", "put sent.bin", "ls", f"lcd {got}")
    more = ("get sent.bin", "rm sent.bin", "cd ..", "rmdir probe", "exit", "")
    text = _impacket(host, "smbclient.py", typed=["\n".join((*lines, *more))], cwd=tmp_path)
    assert {"ADMIN$", "C$", "IPC$", str(len(_CONTENT))} <= set(text.split())
    assert (got / "sent.bin").read_bytes() == _CONTENT


@impacket
def test_impacket_psexec(prompt_host: LabBed) -> None:
    """psexec.py runs a command with its own service program, and cleans up after it."""
    # It goes when the command ends, with whatever it has not printed by then.
    order = "cmd.exe /c hostname & ping -n 3 127.0.0.1 >nul"
    text = _impacket(prompt_host, "psexec.py", order)
    assert prompt_host.host_name in text
    assert "ErrorCode: 0, ReturnCode: 0" in text


@impacket
def test_impacket_psexec_interactive(prompt_host: LabBed) -> None:
    """psexec.py's shell takes commands as they are typed, until one of them is exit."""
    # Typed at once, exit would be faster than the thread in which psexec.py reads.
    typed = ("hostname\n", Awaited(f"{prompt_host.host_name}\r\n"), "exit 5\n")
    text = _impacket(prompt_host, "psexec.py", "cmd.exe", typed=typed)
    assert prompt_host.host_name in text
    assert "ReturnCode: 5" in text


def _samba(host: LabBed, *arguments: str, password: str | None = None) -> Said:
    user = f"{host.username}%{password or host.password}"
    return _run([arguments[0], *_SAMBA_OPTIONS, "-p", str(host.port), "-U", user, *arguments[1:]])


@samba
@pytest.mark.parametrize("dialect", ["SMB2_02", "SMB2_10", "SMB3_00", "SMB3_02", "SMB3_11"])
def test_samba_files(host: LabBed, tmp_path: Path, dialect: str) -> None:
    """Samba's smbclient puts, lists, gets, renames and removes files, in every dialect."""
    sent, got = tmp_path / "sent", tmp_path / "got"
    sent.write_bytes(_CONTENT)
    orders = (
        *("mkdir probe", "cd probe", f"put {sent} a.bin", "rename a.bin b.bin", "ls"),
        *(f"get b.bin {got}", "del b.bin", "cd ..", "rmdir probe"),
    )
    said = _samba(host, "smbclient", "//127.0.0.1/C$", "-m", dialect, "-c", "; ".join(orders))
    assert said.exit_code == 0, said.text
    assert "NT_STATUS" not in said.text
    assert str(len(_CONTENT)) in said.text.split()
    assert got.read_bytes() == _CONTENT


@samba
def test_samba_encrypted(host: LabBed) -> None:
    """Samba's smbclient reads ADMIN$ over an encrypted session."""
    said = _samba(
        host, "smbclient", "//127.0.0.1/ADMIN$", "--client-protection=encrypt", "-c", "ls"
    )
    assert said.exit_code == 0, said.text
    assert "System32" in said.text


@samba
def test_samba_lists_shares(host: LabBed) -> None:
    """Samba's smbclient lists the shares."""
    said = _samba(host, "smbclient", "-L", "127.0.0.1")
    assert said.exit_code == 0, said.text
    assert {"ADMIN$", "C$", "IPC$"} <= set(said.text.split())


@samba
def test_samba_wrong_password(host: LabBed) -> None:
    """Samba's smbclient is told that the password is wrong."""
    said = _samba(host, "smbclient", "//127.0.0.1/C$", "-c", "ls", password="wrong")
    assert said.exit_code == 1
    assert "NT_STATUS_LOGON_FAILURE" in said.text


@samba
def test_rpcclient(host: LabBed) -> None:
    """Rpcclient reads what the host is, and its shares."""
    said = _samba(host, "rpcclient", "127.0.0.1", "-c", "srvinfo; netshareenumall")
    assert said.exit_code == 0, said.text
    assert host.host_name in said.text.upper()
    assert "ADMIN$" in said.text


@pytest.mark.skipif(_SOURCE is None, reason="HOSTPROBE_PYPSEXEC_SOURCE is not set")
@pytest.mark.timeout(_TIMEOUT_S + 20)
def test_pypsexec(prompt_host: LabBed) -> None:
    """All of pypsexec's own tests pass, those that need a server included."""
    prompt_host.add_account("alternative", "Alt-Passw0rd!")
    environment = os.environ | {
        "PYPSEXEC_SERVER": "127.0.0.1",
        "PYPSEXEC_USERNAME": prompt_host.username,
        "PYPSEXEC_PASSWORD": prompt_host.password,
        "PYPSEXEC_ALT_USERNAME": "alternative",
        "PYPSEXEC_ALT_PASSWORD": "Alt-Passw0rd!",
    }
    options = ("-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:timeout")
    program = [*_redirected(prompt_host, "pytest"), *options, "tests"]
    said = _run(program, cwd=_SOURCE, environment=environment)
    assert said.exit_code == 0, said.text
    assert "skipped" not in said.text
