"""The processes that tasklist shows."""

from dataclasses import replace

import pytest
from tests.unit.lab.shell.host import machine, run

from hostprobe.lab.machine.machine import Language, Machine, Windows
from hostprobe.lab.machine.processes import Process
from hostprobe.models import Process as Row
from hostprobe.probes.processes import PROBE

LANGUAGES = [("en", 437), ("de", 850), ("ja", 932)]
SESSIONS = {0: "Services", 1: "Console", 2: "RDP-Tcp#2"}


def host(language: Language = "en", page: int = 437) -> Machine:
    """A host with a process in a remote session."""
    found = machine(Windows(language=language, code_page=page))
    found.processes.add(Process(2000, "a b.exe", 4, session_id=2, user="PC7\\eve"))
    return found


def row(process: Process) -> Row:
    """A process as the client knows it from the plain listing."""
    return Row(
        pid=process.pid,
        name=process.name,
        session_name=SESSIONS[process.session_id],
        session_id=process.session_id,
        memory_bytes=process.memory_bytes // 1024 * 1024,
    )


def rows(on: Machine, arguments: str) -> list[Row]:
    """What the client reads, but for tasklist itself."""
    parsed = PROBE.parse(run(f"tasklist {arguments}", on=on).out)
    assert not parsed.unparsed
    return [found for found in parsed.rows if found.name != "tasklist.exe"]


@pytest.mark.parametrize(("language", "page"), LANGUAGES)
@pytest.mark.parametrize("layout", ["csv /nh", "csv", "table", "table /nh", "list"])
def test_the_client_reads_it(language: Language, page: int, layout: str) -> None:
    """In every language and layout the client reads exactly the host's processes."""
    on = host(language, page)
    assert rows(on, f"/fo {layout}") == [row(process) for process in on.processes]


@pytest.mark.parametrize(("language", "page"), LANGUAGES)
@pytest.mark.parametrize("layout", ["csv", "table", "list"])
def test_the_client_reads_it_all(language: Language, page: int, layout: str) -> None:
    """With /v there are the user and the processor time too."""
    on = host(language, page)
    expected = [
        replace(row(p), user=p.user or None, cpu_time_s=float(int(p.cpu_time_s)))
        for p in on.processes
    ]
    assert rows(on, f"/v /fo {layout}") == expected


@pytest.mark.parametrize(("language", "page"), LANGUAGES)
@pytest.mark.parametrize("layout", ["csv /nh", "table", "list"])
def test_the_client_reads_services(language: Language, page: int, layout: str) -> None:
    """With /svc there are the services of each process, however many."""
    on = host(language, page)
    names = tuple(f"Service{number}" for number in range(20))
    on.processes.add(Process(2004, "svchost.exe", 700, services=names))
    expected = [Row(pid=p.pid, name=p.name, services=p.services) for p in on.processes]
    assert rows(on, f"/svc /fo {layout}") == expected


def test_layouts() -> None:
    """The three layouts look as on Windows."""
    table = run('tasklist /fi "pid eq 1234"').out
    assert table == (
        "\r\n"
        "Image Name                     PID Session Name        Session#    Mem Usage\r\n"
        "========================= ======== ================ =========== ============\r\n"
        "victim.exe                    1234 Console                    1    123,456 K\r\n"
    )
    form = run('tasklist /fo list /fi "pid eq 1234"').out
    assert form.startswith("\r\nImage Name:   victim.exe\r\nPID:          1234\r\n")
    comma = run('tasklist /fo csv /fi "pid eq 1234"').out
    assert comma.splitlines() == [
        '"Image Name","PID","Session Name","Session#","Mem Usage"',
        '"victim.exe","1234","Console","1","123,456 K"',
    ]


def test_german_layout() -> None:
    """German Windows has a wider column for the memory, and dots in the numbers."""
    table = run('tasklist /fi "pid eq 1234"', on=host("de", 850)).out
    assert table == (
        "\r\n"
        "Abbildname                     PID Sitzungsname       Sitz.-Nr. Speichernutzung\r\n"
        "========================= ======== ================ =========== ===============\r\n"
        "victim.exe                    1234 Console                    1       123.456 K\r\n"
    )


def test_japanese_layout() -> None:
    """A character that takes two columns of the console counts for two."""
    on = host("ja", 932)
    on.processes.add(Process(3000, "表計算ソフトウェアの長い名前です.exe", 4))
    lines = run("tasklist", on=on).out.split("\r\n")
    head = "イメージ名                     PID セッション名     セッション# メモリ使用量"
    assert lines[1] == head
    (line,) = (line for line in lines if line.startswith("表計算"))
    name = "表計算ソフトウェアの長い"
    assert line == f"{name}      3000 Services                   0      4,632 K"


def test_wrapped_services() -> None:
    """Services that do not fit go on in the next line, below the first."""
    on = machine()
    names = ("AudioEndpointBuilder", "CscService", "hidserv", "Netman", "PcaSvc")
    on.processes.add(Process(1088, "svchost.exe", 700, services=names))
    lines = run('tasklist /svc /fi "pid eq 1088"', on=on).out.split("\r\n")
    assert [line.rstrip() for line in lines[3:5]] == [
        "svchost.exe                   1088 AudioEndpointBuilder, CscService, hidserv,",
        f"{'':35}Netman, PcaSvc",
    ]


@pytest.mark.parametrize(
    ("filters", "pids"),
    [
        (["PID eq 1234"], {1234}),
        (["pid gt 4", "pid lt 888"], {700}),
        (["pid le 4"], {0, 4}),
        (["pid ge 1234", "pid ne 2000", "imagename ne tasklist.exe"], {1234}),
        (["IMAGENAME eq SVC*"], {888}),
        (["services eq rpcss"], {888}),
        (["username eq bob"], {1200, 1234}),
        (["username eq pc7\\eve"], {2000}),
        (["session eq 2"], {2000}),
        (["sessionname eq console"], {1200, 1234}),
        (["memusage gt 100000"], {1234}),
        (["cputime gt 01:00:00", "cputime lt 02:00:00"], {1234}),
        (["windowtitle eq program*"], {1200}),
        (["status eq running"], {1200}),
    ],
)
def test_filters(filters: list[str], pids: set[int]) -> None:
    """All filters must hold."""
    arguments = " ".join(f'/fi "{text}"' for text in filters)
    assert {found.pid for found in rows(host(), f"/fo csv {arguments}")} == pids


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("/bad", "ERROR: Invalid argument/option - '/bad'."),
        ("bad", "ERROR: Invalid argument/option - 'bad'."),
        ("/fo xml", "ERROR: Invalid argument/option - '/fo'."),
        ("/fi nonsense", "ERROR: The search filter cannot be recognized."),
        ('/fi "pid eq x"', "ERROR: The search filter cannot be recognized."),
        ('/fi "cputime eq 5"', "ERROR: The search filter cannot be recognized."),
        ('/fi "colour eq red"', "ERROR: The search filter cannot be recognized."),
        ('/fi "imagename gt a"', "ERROR: The search filter cannot be recognized."),
    ],
)
def test_errors(arguments: str, error: str) -> None:
    """A command line that it does not understand is told on standard error."""
    ran = run(f"tasklist {arguments}")
    assert ran.error.splitlines()[0] == error
    assert (ran.out, ran.code) == ("", 1)


def test_no_process() -> None:
    """Where no process passes, it says so, and all went well."""
    ran = run('tasklist /fi "pid eq 9"')
    text = "INFO: No tasks are running which match the specified criteria.\r\n"
    assert (ran.out, ran.code) == (text, 0)
