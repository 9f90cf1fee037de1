"""The doctor as a user meets it: options, formats, and what fails on this side."""

import io
import sys
from pathlib import Path

import pytest
from tests.unit.cli.program import Program, error

from hostprobe.analysis.checkup import Check, Step
from hostprobe.cli.checkup_page import Page
from hostprobe.lab.server import LabHost


@pytest.fixture
def options(lab_host: LabHost, monkeypatch: pytest.MonkeyPatch) -> str:
    """A host of the lab, and what it takes to log in there."""
    monkeypatch.setenv("HOSTPROBE_PASSWORD", lab_host.password)
    return f"{lab_host.target} -u {lab_host.username}"


def test_a_page(hostprobe: Program, options: str) -> None:
    """A person sees ticks, where the account comes from, and what else could be tried."""
    ended = hostprobe(f"doctor {options}")
    lines = ended.stdout.splitlines()
    assert (ended.code, ended.stderr) == (0, "")
    assert [line for line in lines if line.startswith("✓")][-1].startswith("✓ service manager")
    assert "Administrator (-u), password from" in lines[0]
    assert lines[-1].startswith("command, too.")


def test_a_run(hostprobe: Program, options: str, tmp_path: Path) -> None:
    """With --run and -o the page is in the file; a report is told of, and nobody else reads it."""
    ended = hostprobe(
        f"doctor {options} --run -o {tmp_path}/page.txt --report {tmp_path}/report.zip"
    )
    assert (ended.code, ended.stdout) == (0, "")
    assert "look at it before you send it" in ended.stderr
    page = (tmp_path / "page.txt").read_text("utf-8")
    assert page.endswith("\nAll is well: hostprobe can ask this host.\n")
    assert (tmp_path / "report.zip").stat().st_mode & 0o077 == 0


@pytest.mark.lab("no-powershell")
def test_a_note(hostprobe: Program, options: str) -> None:
    """What works less well is marked, and the end of the page says so; -q is silent."""
    ended = hostprobe(f"doctor {options} --run -q")
    assert (ended.code, ended.stderr) == (0, "")
    assert "! PowerShell" in ended.stdout
    assert "but for what is marked above" in ended.stdout


@pytest.mark.lab("uac")
def test_records(hostprobe: Program, options: str) -> None:
    """In jsonl each check is a record, the failed one with its advice, and the host has one."""
    ended = hostprobe(f"doctor {options} -f jsonl")
    (failed,) = (row for row in ended.records("check") if row["status"] == "failed")
    (host,) = ended.hosts.values()
    assert ended.code == 4
    assert (failed["step"], host["host_name"], failed["host_name"]) == (
        *("admin_share", "ws091", "ws091"),
    )
    assert "UAC" in str(failed["advice"])
    assert error(host)["kind"] == "not_admin"
    assert "not an administrator" in ended.stderr


@pytest.mark.lab("uac")
def test_a_table(hostprobe: Program, options: str) -> None:
    """Chosen columns are a table like any other, with the host's line below."""
    ended = hostprobe(f"doctor {options} --columns step,status")
    lines = ended.stdout.splitlines()
    assert lines[0].split() == ["step", "status"]
    assert lines[-1].endswith("(LocalAccountTokenFilterPolicy)")
    assert ended.stderr == ""


def test_records_of_a_host_that_is_well(hostprobe: Program, options: str, tmp_path: Path) -> None:
    """A host whose way is free has answered; -q says nothing of the report."""
    ended = hostprobe(f"doctor {options} -q -f json --report {tmp_path}/report.zip")
    (host,) = ended.hosts.values()
    assert (ended.code, ended.stderr) == (0, "")
    assert (host["status"], host["rows"], host["encrypted"]) == ("answered", 9, True)


def test_no_account(hostprobe: Program) -> None:
    """Without an account it says how to name one, and asks nobody."""
    ended = hostprobe("doctor 127.0.0.1:1")
    assert ended.code == 2
    assert "✗ account" in ended.stdout
    assert "- not tried: this machine, name," in ended.stdout
    assert "HOSTPROBE_USERNAME" in ended.stdout


def test_no_journal(hostprobe: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the journal cannot be written, no host is called, and the variable is named."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOSTPROBE_STATE_DIR", str(tmp_path / "file"))
    ended = hostprobe("doctor 127.0.0.1:1 -u ops")
    assert ended.code == 6
    assert "✗ this machine" in ended.stdout
    assert "HOSTPROBE_STATE_DIR=FOLDER" in ended.stdout


def test_outside_the_scope(hostprobe: Program) -> None:
    """An address outside --scope is not called; a scope that is none is usage."""
    ended = hostprobe("doctor 127.0.0.1:1 -u ops --scope 10.0.0.0/8 -f json")
    assert ended.code == 6
    assert ended.hosts["127.0.0.1:1"]["status"] == "not_asked"
    assert hostprobe("doctor 127.0.0.1:1 -u ops --scope 10.0.0.0/99").code == 2


@pytest.mark.parametrize("option", ["-o", "--report"])
def test_a_file_that_cannot_be_written(hostprobe: Program, tmp_path: Path, option: str) -> None:
    """What cannot be written is one line and code 2."""
    ended = hostprobe(f"doctor 127.0.0.1:1 -u ops {option} {tmp_path}/no/file")
    assert ended.code == 2
    assert "cannot write" in ended.stderr


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("-u ops", "ops (-u), password from HOSTPROBE_PASSWORD"),
        ("-u ops --password-file FILE", "ops (-u), password from the file FILE"),
    ],
)
def test_where_the_account_comes_from(
    hostprobe: Program, tmp_path: Path, name: str, source: str
) -> None:
    """The page says which option, variable or file named the account and the password."""
    file = tmp_path / "pw"
    file.write_text("Pa55-of-the-file\n")
    ended = hostprobe(f"doctor 127.0.0.1:1 -f json {name.replace('FILE', str(file))}")
    assert ended.records("check")[0]["detail"] == source.replace("FILE", str(file))
    assert "Pa55-of-the-file" not in ended.stdout


def test_words_for_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ticks cannot be shown there are words, and the columns stay."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="cp437"))
    lines: list[str] = []
    page = Page.to(lines.extend)
    page.check(Check(step=Step.NAME, status="ok", detail="10.0.0.5", seconds=0.01))
    page.check(Check(step=Step.PORT, status="failed", detail="refused", seconds=2.345))
    page.check(Check(step=Step.SMB, status="not_tried"))
    page.close("")
    assert lines == [
        "ok     name              10 ms  10.0.0.5",
        "FAILED TCP port          2.3 s  refused",
        "-      not tried: SMB",
    ]
