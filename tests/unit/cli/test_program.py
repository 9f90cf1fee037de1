"""The program as a whole: help, version, completion, and every way a run can end."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.cli.program import SECRET, Program, Said

from hostprobe import cli, registry
from hostprobe.cli import commands
from hostprobe.cli.commands._base import Command
from hostprobe.errors import (
    BadCredentialsError,
    ConnectionLostError,
    GuardError,
    HostprobeError,
    InputFileError,
    InternalError,
    NothingMatchedError,
    StoppedError,
    UnreachableError,
)

NAMES = registry.names(commands)
WITHOUT_HOSTS = {
    **dict.fromkeys(("alias", "demo", "explain", "login", "mail", "verdict"), "--nonsense"),
    "flows": "--top 0",
    "lab": "--port 0",
}
COMMANDS = [registry.load(commands, name, "COMMAND", Command) for name in NAMES]
EXAMPLES = sorted(
    {
        line.strip().removeprefix("hostprobe ")
        for command in COMMANDS
        for each in (command, *command.below.values())
        for line in each.examples.splitlines()
        if line.strip().startswith("hostprobe ")
    }
)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Another Python, with our code."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)  # noqa: S603 - our own code


@pytest.mark.parametrize("line", ["", "--help", "-h"])
def test_help(hostprobe: Program, line: str) -> None:
    """Without arguments and with --help, the commands and the exit codes are told on stdout."""
    ended = hostprobe(line)
    assert ended.code == 0
    assert ended.stderr == ""
    for name in NAMES:
        assert f"  {name} " in ended.stdout
    assert "..." not in ended.stdout.partition("Commands:")[2]
    assert "130 interrupted" in ended.stdout


@pytest.mark.parametrize("name", NAMES)
def test_command_help(hostprobe: Program, name: str) -> None:
    """Each command's help has its examples, a line for each option, and nothing but plain text."""
    ended = hostprobe(f"{name} --help")
    assert ended.code == 0
    assert ended.stdout.isascii()
    assert re.sub(r"[\n -~]", "", ended.stdout) == ""
    assert f"    hostprobe {name}" in ended.stdout


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(WITHOUT_HOSTS)))
def test_shared_options(hostprobe: Program, name: str) -> None:
    """Every command that asks hosts has the options that all of them share."""
    told = hostprobe(f"{name} --help").stdout
    for option in ("--username", "--scope", "--format", "--columns", "--timeout"):
        assert option in told


def test_headings(hostprobe: Program) -> None:
    """Options of a group stand below its heading, also those that a command has changed."""
    sections = hostprobe("exec --help").stdout.split("\n\n")
    reach = next(each for each in sections if each.startswith("How to reach hosts, and as whom:"))
    assert {"--username", "--timeout"} <= set(re.findall(r"--[a-z-]+", reach))
    assert not any("--username" in each for each in sections if each is not reach)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples(hostprobe: Program, example: str) -> None:
    """An example of the help is read to its end: only what is added to our words is refused."""
    wrong = WITHOUT_HOSTS.get(example.split(maxsplit=1)[0], "--smb-port 0")
    ours, dashes, others = example.partition(" -- ")
    ended = hostprobe(f"{ours} {wrong}{dashes}{others}")
    assert ended.code == 2
    assert wrong.split()[0] in ended.complaint


def test_every_command_has_examples() -> None:
    """There are examples of every command."""
    assert {example.split()[0] for example in EXAMPLES} == set(NAMES)


def test_version(hostprobe: Program) -> None:
    """--version is one line on stdout, also of `python -m hostprobe`."""
    ended = hostprobe("--version")
    assert ended.code == 0
    assert re.fullmatch(r"hostprobe \d+\.\d+\.\d+\n", ended.stdout)
    assert python("-m", "hostprobe", "--version").stdout == ended.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("line", ["--help", "connections --help", "--version"])
def test_a_full_disk(line: str) -> None:
    """Help that cannot be written is one line on stderr, not a bug of ours."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-m", "hostprobe", *line.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            encoding="utf-8",
        )
    assert ended.stderr == "hostprobe: cannot write stdout: No space left on device\n"
    assert ended.returncode == 2


def test_completion(hostprobe: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that completes an option is told those of a command, whichever it is."""
    monkeypatch.setenv("_HOSTPROBE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "hostprobe connections --list")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert hostprobe("").stdout.split() == ["--listening"]


def test_completion_script(hostprobe: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script that makes a shell complete is printed, whatever shell runs the tests."""
    monkeypatch.setenv("_HOSTPROBE_COMPLETE", "source_bash")
    ended = hostprobe("")
    assert ended.code == 0
    assert "_HOSTPROBE_COMPLETE" in ended.stdout


def test_the_app_has_all_commands() -> None:
    """Tools that look for `app` find the whole command line, and nothing else by another name."""
    app = cli.__getattr__("app")
    groups = (group.typer_instance for group in app.registered_groups)
    names = [command.name for command in app.registered_commands]
    assert sorted(map(str, (*names, *(group.info.name for group in groups if group)))) == [*NAMES]
    with pytest.raises(AttributeError, match="nonsense"):
        cli.__getattr__("nonsense")


@pytest.mark.parametrize("run", ["", "--help", "connections --from nowhere -f json"])
def test_lazy_imports(run: str) -> None:
    """The slow libraries are imported neither with the program nor for its help or a file."""
    code = (
        "import sys, contextlib, hostprobe.cli as cli\n"
        f"sys.argv[1:] = {run.split()}\n"
        f"with contextlib.suppress(SystemExit): {bool(run)} and cli.main()\n"
        "slow = {'pypsexec', 'smbprotocol', 'tabulate', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'imported: {slow}' if slow else 0)"
    )
    assert python("-c", code).returncode == 0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--nonsense", "--nonsense"),
        ("nonsense", "nonsense"),
        ("connections --nonsense web01", "--nonsense"),
        ("connections web01 --port 65536", "--port"),
        ("connections web01 --pid x", "--pid"),
        ("connections web01 --timeout 0", "--timeout"),
        ("connections web01 --timeout nan", "--timeout"),
        ("connections web01 --connect-timeout nan", "--connect-timeout"),
        ("connections web01 --jobs 0", "--jobs"),
        ("connections web01 -f xml", "'xml'"),
        ("connections web01 --collector wmi", "'wmi'"),
        ("connections web01 --smb-port 0", "--smb-port"),
        ("kill", "TARGET"),
        ("exec -- ver", "on which host? name a TARGET before --"),
        ("kill web01 --pid -1", "--pid"),
    ],
)
def test_typing_errors(hostprobe: Program, line: str, told: str) -> None:
    """What the command line itself cannot read is one line on stderr that names it."""
    ended = hostprobe(line)
    assert ended.code == 2
    assert told in ended.complaint


def test_control_characters_of_the_command_line(hostprobe: Program) -> None:
    """An escape sequence that was pasted into an argument does not reach the terminal."""
    ended = hostprobe("connections '\x1b[31mweb01' -u ops")
    assert ended.code == 2
    assert "\x1b" not in ended.complaint


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (InputFileError("no file"), 2, ["no file"]),
        (NothingMatchedError("no process 432"), 1, ["no process 432"]),
        (GuardError("web01: refused"), 6, ["web01: refused"]),
        (UnreachableError("web01: silent"), 4, ["web01: silent"]),
        (BadCredentialsError("web01: wrong password"), 5, ["web01: wrong password"]),
        (StoppedError("web01: stopped"), 130, ["web01: stopped"]),
        (
            ConnectionLostError("web01: cut", left_behind=("service a", "file b")),
            7,
            ["web01: cut", "left behind: service a, file b"],
        ),
        (InternalError("bug", left_behind=("file b",)), 70, ["bug", "left behind: file b"]),
        (KeyboardInterrupt(), 130, ["interrupted"]),
    ],
)
def test_errors_become_exit_codes(
    said: Said, error: BaseException, code: int, lines: list[str]
) -> None:
    """Each error is one line on stderr and the exit code of its class; leftovers are a second."""

    def run() -> None:
        raise error

    ended = said(cli._ended(run))
    assert ended.code == code
    assert ended.stderr.splitlines() == [f"hostprobe: {line}" for line in lines]


def test_interrupted_in_a_command(tmp_path: Path) -> None:
    """Ctrl-C in a command has its line as well as its code."""
    log = tmp_path / "SEND.LOG"
    log.write_text("#Log-type: SMTP Send Protocol Log\n", "utf-8")
    command = [sys.executable, "-m", "hostprobe", "mail", "log", str(log), "--follow"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:  # noqa: S603 - our own code
        assert running.stderr
        assert running.stderr.readline().startswith("hostprobe: following")
        running.send_signal(signal.SIGINT)
        assert running.stderr.read() == "hostprobe: interrupted\n"
    assert running.returncode == 130


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("verdict x.pcap --port http", "'http' is no whole number"),
        ("connections web01 --timeout soon", "'soon' is no number"),
        ("verdict x.pcap --skew soon", "'soon' is no number"),
    ],
)
def test_a_number_that_is_none(hostprobe: Program, line: str, told: str) -> None:
    """What is no number is said to be none, in words of people who do not program."""
    ended = hostprobe(line)
    assert (ended.code, ended.complaint.endswith(f"{told}.\n")) == (2, True)


def test_a_bug_is_told_without_what_it_knew(said: Said) -> None:
    """An unforeseen error is code 70 and one line with its place, not its text or a traceback."""

    def run() -> None:
        raise ValueError(SECRET)

    ended = said(cli._ended(run))
    assert ended.code == 70
    assert re.search(r"a bug of hostprobe: ValueError at test_program\.py:\d+;", ended.complaint)


def test_a_bug_without_a_place(said: Said) -> None:
    """An error that was never raised has no place, and is told all the same."""
    ended = said(cli._told(ValueError()))
    assert ended.code == 70
    assert "an unknown place" in ended.complaint


def test_every_error_has_a_code_that_has_a_rank() -> None:
    """The exit code of every error is one of those that the help tells."""
    told = {int(number) for number in re.findall(r"(?:^| )(\d+) [a-z]", cli._EXIT_CODES)}
    waiting: list[type[HostprobeError]] = [HostprobeError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        assert kind.exit_code in told
