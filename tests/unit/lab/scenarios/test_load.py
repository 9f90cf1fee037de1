"""A scenario's file is read strictly, and says in one line what is wrong with it."""

from pathlib import Path

import pytest

from hostprobe.errors import InputFileError, UsageError
from hostprobe.lab import scenarios
from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.files import FileSystem
from hostprobe.lab.scenarios import Scenario


def load(folder: Path, text: str, name: str = "mine.toml") -> Scenario:
    """Read a scenario that a user wrote."""
    path = folder / name
    path.write_text(text, "utf-8")
    return scenarios.load(str(path))


def test_the_names_are_those_of_the_files() -> None:
    """What others build on is no scenario itself."""
    names = scenarios.names()
    assert {"workstation", "infected", "german", "silent", "hostile"} <= set(names)
    assert not any(name.startswith("_") for name in names)
    assert list(names) == sorted(names)


def test_an_unknown_name_lists_those_that_there_are() -> None:
    """Who mistypes sees what could be meant."""
    with pytest.raises(UsageError, match=r"no scenario is called 'infcted' .*infected") as refused:
        scenarios.load("infcted")
    assert not isinstance(refused.value, InputFileError)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The path and the reason are told."""
    with pytest.raises(InputFileError, match=r"none\.toml: No such file"):
        scenarios.load(str(tmp_path / "none.toml"))


@pytest.mark.parametrize("content", [b"host = [", b'summary = "\xff"'])
def test_what_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    """A broken file is named."""
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(InputFileError, match=r"broken\.toml: "):
        scenarios.load(str(path))


def test_a_scenario_says_only_what_is_different(tmp_path: Path) -> None:
    """All else is the base's; a table is added to, key by key."""
    base = scenarios.load("infected")
    scenario = load(
        tmp_path,
        """
        extends = "infected"
        [processes]
        odd = { cpu_time_s = 7 }
        extra = { name = "extra.exe", path = 'C:\\Tools\\extra.exe' }
        [connections]
        odd-listener = false
        """,
    )
    assert scenario.summary == base.summary
    assert scenario.processes["odd"].cpu_time_s == 7
    assert scenario.processes["odd"].path == base.processes["odd"].path
    assert list(scenario.processes) == [*base.processes, "extra"]
    assert len(scenario.connections) == len(base.connections) - 1


def test_without_extends_it_is_put_on_the_bare_host(tmp_path: Path) -> None:
    """Every scenario has a Windows below it."""
    scenario = load(tmp_path, 'summary = "mine"')
    assert "lsass" in scenario.processes
    assert "explorer" not in scenario.processes


def test_a_file_may_extend_one_beside_it(tmp_path: Path) -> None:
    """A path is meant from where the file lies."""
    (tmp_path / "below.toml").write_text('extends = "german"\n[host]\nname = "BELOW"', "utf-8")
    scenario = load(tmp_path, 'extends = "below.toml"\n[host]\nuptime_h = 1')
    assert (scenario.host.name, scenario.host.uptime_h) == ("BELOW", 1)
    assert scenario.windows.language == "de"


def test_files_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    """A circle is told as such."""
    (tmp_path / "below.toml").write_text('extends = "mine.toml"', "utf-8")
    with pytest.raises(InputFileError, match=r"extends itself: .*mine\.toml -> .*below\.toml"):
        load(tmp_path, 'extends = "below.toml"')


def test_processes_find_their_files(tmp_path: Path) -> None:
    """A path is that of System32 where the program lies there; a given one comes to lie there."""
    scenario = load(
        tmp_path,
        """
        [processes]
        shell = { name = "CMD.exe" }
        tool = { name = "tool.exe", path = 'C:\\Tools\\tool.exe', command_line = "tool -x" }
        ghost = { name = "ghost.exe" }
        below-a-file = { name = "x.exe", path = 'C:\\Windows\\win.ini\\x.exe' }
        """,
    )
    shell, tool, ghost = (scenario.processes[key] for key in ("shell", "tool", "ghost"))
    assert (shell.path, shell.command_line) == (r"C:\Windows\System32\CMD.exe",) * 2
    assert (tool.path, tool.command_line) == (r"C:\Tools\tool.exe", "tool -x")
    assert (ghost.path, ghost.command_line) == ("", "")
    files = FileSystem(scenario.tree)
    program = files.find(tool.path)
    assert program is not None
    assert program.content.startswith(b"MZ")


def test_files_are_texts_programs_and_folders(tmp_path: Path) -> None:
    """What `[files]` says lies on the disk, line ends as on Windows; `false` does not."""
    scenario = load(
        tmp_path,
        """
        [files]
        'Users\\a\\note.txt' = "one\\ntwo\\n"
        'USERS\\a\\Desktop' = {}
        'Windows\\notepad.exe' = false
        """,
    )
    files = FileSystem(scenario.tree)
    note, desktop = files.find(r"Users\a\note.txt"), files.find(r"Users\a\Desktop")
    assert note is not None
    assert note.content == b"one\r\ntwo\r\n"
    assert desktop is not None
    assert desktop.is_folder
    assert files.find(r"Windows\notepad.exe") is None
    assert files.find(r"Windows\explorer.exe") is not None


def test_words_become_the_numbers_of_the_wire(tmp_path: Path) -> None:
    """Dialects, ciphers and signing keep their order."""
    scenario = load(
        tmp_path,
        """
        [smb]
        dialects = ["3.1.1", "2.0.2"]
        ciphers = ["AES-256-GCM", "AES-128-CCM"]
        signing = ["AES-CMAC", "HMAC-SHA256"]
        requires_encryption = true
        """,
    )
    assert scenario.smb.dialects == (0x0311, 0x0202)
    assert scenario.smb.ciphers == (4, 1)
    assert scenario.smb.signing == (1, 0)
    assert (scenario.smb.requires_signing, scenario.smb.requires_encryption) == (True, True)


def test_the_first_account_is_the_one_to_log_in_with(tmp_path: Path) -> None:
    """An account that is taken away makes room for another one."""
    scenario = load(
        tmp_path,
        """
        [accounts]
        Administrator = false
        ops = { is_admin = true, status = "ACCOUNT_DISABLED" }
        """,
    )
    assert scenario.username == "ops"
    assert NtStatus[scenario.accounts["ops"].status] == NtStatus.ACCOUNT_DISABLED


def test_an_answer_is_in_the_hosts_code_page(tmp_path: Path) -> None:
    """A program's fixed text comes as its console would print it."""
    scenario = load(
        tmp_path,
        """
        [windows]
        code_page = 850
        [answers]
        TaskList = { text = "Gr\u00fc\u00dfe \u8868\\n", times = 3, stays_s = 1.5, exit_code = 9 }
        """,
    )
    answer = scenario.answers["tasklist"]
    assert answer.text == "Grüße ?\r\n".encode("cp850")
    assert (answer.times, answer.stays_s, answer.exit_code) == (3, 1.5, 9)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[proceses]", r"unknown key 'proceses' \(allowed: summary, host"),
        ("summary = 1", r"summary: must be text, not 1"),
        ("extends = 1", r"extends: must be text, not 1"),
        ("host = 1", r"host: must be a table, not 1"),
        ("[host]\nnam = 'x'", r"host: unknown key 'nam' \(allowed: name,"),
        ("[host]\nname = 1", r"host\.name: must be text, not 1"),
        ("[host]\nname = 'a b'", r"host\.name: 'a b' is no NetBIOS name"),
        ("[host]\nname = 'ABCDEFGHIJKLMNOP'", r"is no NetBIOS name"),
        ("[host]\nuptime_h = 'x'", r"host\.uptime_h: must be a number, not 'x'"),
        ("[host]\nuptime_h = true", r"host\.uptime_h: must be a number, not True"),
        ("[windows]\nlanguage = 'xx'", r"windows\.language: must be one of 'en', 'de', 'ja'"),
        ("[windows]\ncode_page = 1", r"windows\.code_page: Python knows no code page 1"),
        ("[windows]\nbuild = 1.5", r"windows\.build: must be a whole number, not 1\.5"),
        ("[smb]\ndialects = '3.1.1'", r"smb\.dialects: must be a list"),
        ("[smb]\ndialects = ['9']", r"smb\.dialects: must be one of '2\.0\.2'"),
        ("[smb]\nrequires_signing = 1", r"smb\.requires_signing: must be true or false"),
        ("[quirks]\nlatency = 1", r"quirks: unknown key 'latency' \(allowed: latency_s"),
        ("[quirks]\nsilent_after = 'x'", r"quirks\.silent_after: must be a whole number, not"),
        ("[accounts]\nAdministrator = false", r"accounts: there must be one"),
        ("[accounts]\na = { status = 'x' }", r"accounts\.a\.status: must be one of 'SUCCESS'"),
        ("[files]\n'a' = 1", r"files\.a: must be text, true, false or \{\}, not 1"),
        ("[files]\n'\\' = true", r"files: '\\\\' is no path"),
        ("[processes]\nx = {}", r"processes\.x: 'name' is missing"),
        ("[processes]\nx = 1", r"processes\.x: must be a table, not 1"),
        ("[processes]\nx = {name='x', parent='y'}", r"processes\.x: no process 'y' before it"),
        ("[connections]\nx = {local='a'}", r"connections\.x: 'a' is no endpoint"),
        ("[connections]\nx = {local=':1'}", r"':1' is no endpoint"),
        ("[connections]\nx = {local='a:65536'}", r"'a:65536' is no endpoint"),
        ("[connections]\nx = {local='a:1', remote='b:x'}", r"'b:x' is no endpoint"),
        ("[connections]\nx = {local='a:1', process='y'}", r"connections: there is no process 'y'"),
        ("[connections]\nx = {local='a:1', state='UP'}", r"state: must be one of 'BOUND'"),
        ("[services]\nx = {display_name='x', process='y'}", r"services\.x: there is no process"),
        ("[answers]\nx = {text='x', time=1}", r"answers\.x: unknown key 'time'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    """File, key and the right way are in the message."""
    with pytest.raises(InputFileError, match=rf"mine\.toml: .*{complaint}"):
        load(tmp_path, text)
