"""What the doctor says of each scenario of the lab: the right first cause, and the way out."""

import json
import tomllib
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hostprobe.lab import scenarios
from tests.beds.program import Answer, Hostprobe
from tests.lab.host import one_host
from tests.lab.strangers import STRANGERS
from tests.test_cases import _parsed, _plain

_SHORT = ("--connect-timeout", "1", "--timeout", "8")
_LONG = ("--connect-timeout", "1", "--timeout", "30")
_LETS_IN = {
    *("workstation", "infected", "german", "japanese", "hostile", "persistent", "prompt"),
    *("busy-server", "slow", "no-powershell", "flood", "antivirus", "cut", "silent"),
    *("locked-file", "domain-controller", "home", "mail-server", "sql-client"),
    "sql-server",
}
_REFUSES = {
    "uac": ("admin_share", "not_admin", 4, "UAC takes the rights"),
    "no-admin-share": ("admin_share", "no_admin_share", 4, "net share admin$"),
    "locked-account": ("log_in", "account_locked", 5, "unlocked"),
    "expired-password": ("log_in", "password_expired", 5, "Change it"),
    "windows7": ("smb", "no_encryption", 4, "--allow-unencrypted"),
}
_BREAKS_A_RUN = {
    "antivirus": ("service", "blocked", 4, "allow-list"),
    "cut": ("command", "connection_lost", 4, "Try again"),
}
_RUNS_BUT = {
    "no-powershell": ["powershell"],
    "flood": ["command", "powershell"],
}


def _said(scenario: str, folder: Path, *options: str) -> Answer:
    """What it says of a host of that scenario."""
    folder.mkdir(exist_ok=True)
    with one_host(scenario) as bed:
        return Hostprobe(bed, folder)("doctor", *options)


def _became(answer: Answer, status: str) -> list[object]:
    return [check["step"] for check in answer.records("check") if check["status"] == status]


def _advice(answer: Answer) -> str:
    return " ".join(str(check["advice"]) for check in answer.records("check") if check["advice"])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Answer]]:
    """Every scenario with --run, four at a time, as some take long."""
    folder, names = tmp_path_factory.mktemp("runs"), scenarios.names()

    def run(name: str) -> Answer:
        limits = _SHORT if name == "silent" else _LONG
        return _said(name, folder / name, "--run", *limits)

    with ThreadPoolExecutor(4) as pool:
        yield dict(zip(names, pool.map(run, names), strict=True))


@pytest.mark.parametrize("scenario", scenarios.names())
def test_without_a_run(tmp_path: Path, scenario: str) -> None:
    """It names the first cause of every host that refuses, and changes nothing on any."""
    with one_host(scenario) as bed:
        before = bed.traces()
        answer = Hostprobe(bed, tmp_path)("doctor", *_LONG)
        assert bed.traces() == before
    if scenario in _LETS_IN:
        assert (answer.exit_code, _became(answer, "failed")) == (0, [])
        assert len(_became(answer, "ok")) == 9
        return
    step, kind, code, way = _REFUSES[scenario]
    assert (answer.exit_code, answer.error_kind) == (code, kind)
    assert _became(answer, "failed") == [step]
    assert way in _advice(answer)


@pytest.mark.parametrize("scenario", scenarios.names())
def test_with_a_run(runs: dict[str, Answer], scenario: str) -> None:
    """It names the first cause of every host that breaks a run off, and what is doubtful."""
    answer = runs[scenario]
    if scenario == "silent":  # it counts messages, and PAExec's pipe may take several tries
        assert answer.exit_code == 7
        assert answer.error_kind in {"command_timeout", "deadline"}
        assert "answers no second call" in _advice(answer)
    elif scenario in _REFUSES | _BREAKS_A_RUN:
        step, kind, code, way = (_REFUSES | _BREAKS_A_RUN)[scenario]
        assert (answer.exit_code, answer.error_kind) == (code, kind)
        assert _became(answer, "failed")[0] == step
        assert way in _advice(answer)
    elif scenario == "locked-file":
        assert (answer.exit_code, _became(answer, "failed")) == (7, ["clean_up"])
        assert "sc delete" in _advice(answer)
    else:
        assert (answer.exit_code, _became(answer, "failed")) == (0, [])
        assert _became(answer, "warning") == _RUNS_BUT.get(scenario, [])


def test_what_is_left_after_a_failure(runs: dict[str, Answer]) -> None:
    """After a run that broke off it is said that nothing is left, or what."""
    last = {name: runs[name].records("check")[-1] for name in (*_BREAKS_A_RUN, "silent")}
    assert {name: check["status"] for name, check in last.items()} == {
        "antivirus": "ok",
        "cut": "ok",
        "silent": "failed",
    }
    assert "PAExec-" in str(last["silent"]["detail"])


def test_the_facts(runs: dict[str, Answer]) -> None:
    """What was agreed, what the host calls itself, and what runs there is told."""
    details = {check["step"]: str(check["detail"]) for check in runs["german"].records("check")}
    assert details["smb"] == "3.1.1, AES-128-GCM, signing required"
    assert "buchhaltung-03, in no domain, Windows 10.0.22631" in details["log_in"]
    assert (details["code_page"], details["clock"]) == ("850", "right to two seconds")
    assert details["powershell"] == "5.1.22621.4391, FullLanguage"
    assert runs["german"].host["encrypted"] is True


def test_in_clear(tmp_path: Path) -> None:
    """A host that is asked in clear is marked for it, and a run of it goes well."""
    answer = _said("windows7", tmp_path, "--run", "--allow-unencrypted")
    assert (answer.exit_code, _became(answer, "warning")) == (0, ["smb"])


@pytest.mark.parametrize(
    ("stranger", "kind", "step", "words"),
    [
        ("closed", "refused", "port", "no file server listens"),
        ("full", "unreachable", "port", "(SMB-In)"),
        ("mute", "deadline", "smb", "says nothing"),
        ("ssh", "not_smb", "smb", "An SSH server"),
        ("http", "not_smb", "smb", "A web server"),
        ("smb1", "not_smb", "smb", "SMB 1 alone"),
    ],
)
def test_ports_that_are_no_smb(
    anybody: Hostprobe, stranger: str, kind: str, step: str, words: str
) -> None:
    """A closed port, one that drops calls, one that says nothing, and others are told apart."""
    with STRANGERS[stranger]() as port:
        answer = anybody("doctor", *_SHORT, port=port)
    assert (answer.exit_code, answer.error_kind) == (4, kind)
    assert _became(answer, "failed") == [step]
    assert words in _advice(answer)


@pytest.fixture
def anybody(tmp_path: Path) -> Iterator[Hostprobe]:
    """The program, with the account of a host that is not asked."""
    with one_host("workstation") as bed:
        yield Hostprobe(bed, tmp_path)


def test_a_name_that_nobody_knows(anybody: Hostprobe) -> None:
    """A wrong name fails at the name."""
    started = anybody.start("doctor", "no-such-host.invalid", "-f", "json")
    answer = anybody.answer(started)
    assert (answer.exit_code, answer.error_kind) == (4, "unresolved")
    assert _became(answer, "failed") == ["name"]


def test_the_page(tmp_path: Path) -> None:
    """For a person: a line for each check, in 80 columns, then what to do, copied in one piece."""
    with one_host("uac") as bed:
        lines = Hostprobe(bed, tmp_path)("doctor", form="table").stdout.splitlines()
    (command,) = (line for line in lines if "LocalAccountTokenFilterPolicy /t" in line)
    assert command.lstrip().startswith("reg add HKLM")
    assert all(len(line) < 80 for line in lines if line != command)
    assert lines[-1].lstrip().startswith("Administrators`")
    assert "not tried: service manager" in "".join(lines)


@pytest.mark.parametrize("scenario", ["german", "japanese", "hostile", "no-powershell"])
def test_a_report_is_a_test_case(tmp_path: Path, scenario: str) -> None:
    """The listings of a report are cases of `tests/cases`, and its answer is what --from reads."""
    with one_host(scenario) as bed:
        hostprobe = Hostprobe(bed, tmp_path)
        answer = hostprobe("doctor", "--run", "--report", "report.zip")
    assert answer.exit_code == 0
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(tmp_path / "report.zip").extractall(unpacked)
    cases = sorted((unpacked / "cases").glob("*/*/"))
    assert [case.name for case in cases] == [
        *("reported_netstat", "reported_services", "reported_tasklist"),
    ]
    for case in cases:
        facts = tomllib.loads((case / "case.toml").read_text("utf-8"))
        parsed = _parsed(case, facts["encoding"])
        assert _plain(parsed.rows) == json.loads((case / "rows.json").read_text("utf-8"))
        assert list(parsed.unparsed) == facts["unparsed"]
        assert parsed.rows
    for command in ("connections", "processes"):
        read = hostprobe.answer(
            hostprobe.start(command, "--from", "unpacked/answer.raw", "-f", "json")
        )
        assert read.exit_code == 0
        assert len(read.records("process" if command == "processes" else "connection")) > 10


def test_a_report_names_nobody(tmp_path: Path) -> None:
    """No user, no host, no address and no password is in it; what was measured is."""
    with one_host("german") as bed:
        hostprobe = Hostprobe(bed, tmp_path)
        hostprobe("doctor", "--run", "--report", "report.zip")
        users = bed.of_machine(lambda machine: {process.user for process in machine.processes})
        address = bed.of_machine(lambda machine: machine.address)
    bundle = zipfile.ZipFile(tmp_path / "report.zip")
    names = {str(user).rpartition("\\")[2] for user in users if "." in str(user)}
    secret = (*names, bed.host_name, bed.password, bed.username, str(address))
    assert names == {"jörg.müßig"}
    for member in bundle.namelist():
        data = bundle.read(member).lower()
        for word in secret:
            for codec in ("utf-8", "cp850"):
                assert word.lower().encode(codec) not in data, (member, word)
    report = json.loads(bundle.read("report.json"))
    assert report["host"]["code_page"] == 850
    assert report["figures"]["upload_writes"] == 1
    assert sum(report["figures"]["read_bytes"]) == len(bundle.read("answer.raw"))
    assert bundle.namelist()[0] == "README.txt"
    readme = bundle.read("README.txt").decode()
    assert all(name in readme for name in bundle.namelist()[1:])
    assert "before you send it" in readme


def test_a_report_of_a_failure(tmp_path: Path) -> None:
    """Where the host did not let us in, the report tells how far it went."""
    _said("uac", tmp_path, "--report", "report.zip")
    bundle = zipfile.ZipFile(tmp_path / "report.zip")
    assert bundle.namelist() == ["README.txt", "report.json"]
    report = json.loads(bundle.read("report.json"))
    assert report["checks"][-2]["status"] == "failed"
    assert report["host"]["windows"] == "10.0.22631"
