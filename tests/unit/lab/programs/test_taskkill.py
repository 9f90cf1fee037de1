"""How taskkill ends processes."""

import pytest
from tests.unit.lab.shell.host import SYSTEM, machine, run

from hostprobe.lab.machine.machine import Event, Language, Windows
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.shell.launch import Token

BOB = Token("PC7\\bob", is_elevated=False)


def test_by_pid() -> None:
    """A process goes with its sockets, and that is recorded."""
    host = machine()
    events: list[Event] = []
    host.on_event = events.append
    ran = run("taskkill /f /pid 1234", on=host)
    text = "SUCCESS: The process with PID 1234 has been terminated.\r\n"
    assert (ran.out, ran.error, ran.code) == (text, "", 0)
    assert 1234 not in host.processes
    assert not host.sockets.of(1234)
    assert [(event.what, event.detail) for event in events] == [
        ("process killed", "victim.exe (1234)")
    ]


def test_by_name() -> None:
    """All processes of a name go, wildcards included."""
    host = machine()
    host.processes.add(Process(2000, "Victim2.exe"))
    ran = run("taskkill /im VICTIM* /f", on=host)
    assert ran.out.splitlines() == [
        'SUCCESS: The process "victim.exe" with PID 1234 has been terminated.',
        'SUCCESS: The process "Victim2.exe" with PID 2000 has been terminated.',
    ]


def test_by_filter() -> None:
    """Filters alone are enough; with a name both must fit."""
    host = machine()
    assert run('taskkill /f /fi "username eq bob" /im vic*', on=host).code == 0
    assert 1200 in host.processes
    assert run('taskkill /f /fi "username eq bob"', on=host).code == 0
    assert 1200 not in host.processes
    ran = run('taskkill /f /fi "username eq bob"', on=host)
    assert (ran.out, ran.code) == ("INFO: No tasks running with the specified criteria.\r\n", 0)


def test_tree() -> None:
    """With /t descendants go first."""
    host = machine()
    host.processes.add(Process(2000, "child.exe", 1234))
    ran = run("taskkill /f /t /pid 1200", on=host)
    assert [line.partition(" has")[0] for line in ran.out.splitlines()] == [
        "SUCCESS: The process with PID 2000 (child process of PID 1234)",
        "SUCCESS: The process with PID 1234 (child process of PID 1200)",
        "SUCCESS: The process with PID 1200 (child process of PID 700)",
    ]


def test_a_circle_of_parents() -> None:
    """Processes that are each other's parents end once."""
    host = machine()
    host.processes.add(Process(2000, "a.exe", 2004))
    host.processes.add(Process(2004, "b.exe", 2000))
    assert len(run("taskkill /f /t /pid 2000", on=host).out.splitlines()) == 2


def test_a_tree_that_was_named_whole() -> None:
    """A process that went with another is no error."""
    ran = run("taskkill /f /t /im explorer.exe /im victim.exe")
    assert (len(ran.out.splitlines()), ran.code) == (2, 0)


@pytest.mark.parametrize(
    ("arguments", "token", "error", "code"),
    [
        ("/f /pid 9", SYSTEM, ['ERROR: The process "9" not found.'], 128),
        ("/f /pid x", SYSTEM, ['ERROR: The process "x" not found.'], 128),
        ("/f /im no*", SYSTEM, ['ERROR: The process "no*" not found.'], 128),
        (
            "/f /pid 700",
            SYSTEM,
            [
                "ERROR: The process with PID 700 could not be terminated.",
                "Reason: This is critical system process. Taskkill cannot end this process.",
            ],
            1,
        ),
        (
            "/f /im svchost.exe",
            BOB,
            [
                'ERROR: The process "svchost.exe" with PID 888 could not be terminated.',
                "Reason: Access is denied.",
            ],
            1,
        ),
        (
            "/pid 888",
            SYSTEM,
            [
                "ERROR: The process with PID 888 could not be terminated.",
                "Reason: This process can only be terminated forcefully (with /F option).",
            ],
            1,
        ),
        (
            "/pid 1 /bad",
            SYSTEM,
            [
                "ERROR: Invalid argument/option - '/bad'.",
                'Type "TASKKILL /?" for usage.',
            ],
            1,
        ),
        (
            "1234",
            SYSTEM,
            ["ERROR: Invalid argument/option - '1234'.", 'Type "TASKKILL /?" for usage.'],
            1,
        ),
        (
            "/f",
            SYSTEM,
            [
                "ERROR: Invalid syntax. Neither /FI nor /PID nor /IM were specified.",
                'Type "TASKKILL /?" for usage.',
            ],
            1,
        ),
        ("/f /fi x", SYSTEM, ["ERROR: The search filter cannot be recognized."], 1),
    ],
)
def test_errors(arguments: str, token: Token, error: list[str], code: int) -> None:
    """What cannot be ended is told, with a reason and an exit code, and stays."""
    host = machine()
    before = len(list(host.processes))
    ran = run(f"taskkill {arguments}", on=host, token=token)
    assert (ran.out, ran.error.splitlines(), ran.code) == ("", error, code)
    assert len(list(host.processes)) == before


def test_own_processes() -> None:
    """Without an administrator's rights one may end one's own; without /f they are asked to."""
    ran = run("taskkill /pid 1234", token=BOB)
    assert ran.out == "SUCCESS: Sent termination signal to the process with PID 1234.\r\n"


@pytest.mark.parametrize(
    ("language", "page", "text"),
    [
        ("de", 850, "ERFOLGREICH: Der Prozess mit PID 1234 wurde beendet.\r\n"),
        ("ja", 932, "成功: PID 1234 のプロセスは強制終了されました。\r\n"),
    ],
)
def test_languages(language: Language, page: int, text: str) -> None:
    """What it says is in the language of the host."""
    host = machine(Windows(language=language, code_page=page))
    assert run("taskkill /f /pid 1234", on=host).out == text


@pytest.mark.parametrize("language", ["en", "de", "ja"])
@pytest.mark.parametrize("arguments", ["/f /pid 9", "/f /pid 4", "/im vic*", "/fi x", "/x", "/f"])
def test_every_text_is_there(language: Language, arguments: str) -> None:
    """Every language has every text."""
    host = machine(Windows(language=language, code_page=932 if language == "ja" else 850))
    ran = run(f"taskkill {arguments}", on=host)
    assert ran.out or ran.error
