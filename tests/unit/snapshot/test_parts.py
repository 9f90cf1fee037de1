"""The one command and what goes into it."""

import pytest

from hostprobe.snapshot import Collector, Part, command, local_command_line, parts

NETSTAT, TASKLIST, SERVICES, POWERSHELL, LANGUAGE = Part


@pytest.mark.parametrize(
    ("connections", "details", "collector", "wanted"),
    [
        (True, False, Collector.AUTO, (NETSTAT, SERVICES)),
        (True, True, Collector.AUTO, (NETSTAT, SERVICES, POWERSHELL)),
        (True, True, Collector.NATIVE, (NETSTAT, SERVICES)),
        (True, False, Collector.POWERSHELL, (NETSTAT, POWERSHELL)),
        (False, False, Collector.AUTO, (TASKLIST, SERVICES)),
        (False, True, Collector.AUTO, (TASKLIST, SERVICES, POWERSHELL)),
        (False, True, Collector.NATIVE, (TASKLIST, SERVICES)),
        (False, True, Collector.POWERSHELL, (POWERSHELL,)),
    ],
)
def test_no_more_is_asked_than_is_needed(
    connections: bool,  # noqa: FBT001 - a test parameter
    details: bool,  # noqa: FBT001 - a test parameter
    collector: Collector,
    wanted: tuple[Part, ...],
) -> None:
    """Connections need one short listing of names; details need PowerShell with a way back."""
    assert parts(connections=connections, details=details, collector=collector) == wanted


def test_every_part_is_followed_by_its_marker() -> None:
    """The parts run in their own order, each with its exit code in the marker behind it."""
    arguments = command((LANGUAGE, POWERSHELL, SERVICES, NETSTAT, TASKLIST)).arguments
    steps = [step for step in arguments.split(" & ") if step.startswith("echo ")]
    assert [step.strip('"') for step in steps] == [
        "echo ==hostprobe:page:0==",  # behind the line that tells the code page
        "echo ==hostprobe:host:!COMPUTERNAME!==",
        *(f"echo ==hostprobe:{part}:!errorlevel!==" for part in Part),
    ]


def test_the_command_is_one_line_for_cmd() -> None:
    """The longest command fits cmd.exe with room, skips AutoRun, and names programs in full."""
    longest = command(tuple(Part))
    assert longest.executable == "cmd.exe"
    assert longest.arguments.startswith('/d /v:on /s /c "')
    assert longest.arguments.isprintable()
    assert len(longest.arguments) < 4000
    programs = [step for step in longest.arguments.split(" & ") if ".exe" in step]
    assert len(programs) == len(Part)
    assert all(step.startswith(r"%SystemRoot%\System32") for step in programs)


def test_connection_times_are_asked_with_connections_only() -> None:
    """PowerShell looks at connections only where there are connections to date."""
    assert "MSFT_NetTCPConnection" in command((NETSTAT, POWERSHELL)).arguments
    assert "MSFT_NetTCPConnection" not in command((POWERSHELL,)).arguments


def test_the_local_line_asks_the_same() -> None:
    """What a person pastes runs the same programs, in plain text, with chcp for the code page."""
    line = local_command_line((NETSTAT, SERVICES))
    assert line.isascii()
    assert line.startswith('cmd.exe /d /v:on /s /c "%SystemRoot%\\System32\\chcp.com <nul & ')
    _, _, asked = command((NETSTAT, SERVICES)).arguments.partition("!COMPUTERNAME!")
    assert line.endswith(asked)
