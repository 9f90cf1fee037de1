"""The machine records, expands, and does its work beside everything else."""

import asyncio
import logging
import time

import pytest
from tests.unit.lab.machine.bed import Bed

from hostprobe.lab.machine.images import image_of
from hostprobe.lab.machine.machine import Machine


def test_a_host_in_no_domain_is_its_own(machine: Machine) -> None:
    """Without a domain, its own name stands for it."""
    assert (machine.domain, machine.dns_name) == ("WS1", "ws1")


def test_an_event_says_when_where_and_what(bed: Bed) -> None:
    """Who listens gets the host's name, the time and the client's own words."""
    bed.machine.record("command", "netstat -ano")
    (event,) = bed.events
    assert (event.host, event.what, event.detail) == ("WS1", "command", "netstat -ano")
    assert event.at == pytest.approx(time.time(), abs=60)


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        (r"%SystemRoot%\x.exe", r"C:\Windows\x.exe"),
        ("%COMPUTERNAME%", "WS1"),
        ("%NoSuchName%", "%NoSuchName%"),
        ("100% of 5%", "100% of 5%"),
        ("%mine%%OS%", "1Windows_NT"),
    ],
)
def test_names_are_expanded_as_cmd_does(machine: Machine, text: str, expanded: str) -> None:
    """Known names give their value in any case, unknown ones stay."""
    assert machine.expand(text, {"mine": "1"}) == expanded


def test_own_variables_come_first(machine: Machine) -> None:
    """A caller's variable hides the host's."""
    assert machine.expand("%OS%", {"os": "mine"}) == "mine"


def test_an_error_in_the_emulation_is_logged(bed: Bed, caplog: pytest.LogCaptureFixture) -> None:
    """Work that fails says so in the log, and stops nothing."""

    async def fail() -> None:
        raise ZeroDivisionError

    async def scene() -> None:
        bed.machine.begin(fail())
        await bed.settle()

    with caplog.at_level(logging.ERROR):
        asyncio.run(scene())
    assert "WS1: an error in the emulation" in caplog.text


def test_closing_cancels_all_work(bed: Bed, caplog: pytest.LogCaptureFixture) -> None:
    """What waits for ever ends with the machine, and that is no error."""

    async def scene() -> bool:
        task = bed.machine.begin(asyncio.sleep(3600))
        await asyncio.sleep(0)
        bed.machine.close()
        await bed.settle()
        return task.cancelled()

    assert asyncio.run(scene())
    assert caplog.text == ""


@pytest.mark.parametrize("delay_s", [0.0, 0.001])
def test_what_is_to_be_done_later_is_done(bed: Bed, delay_s: float) -> None:
    """An action comes after its delay, or at once."""
    done: list[str] = []

    async def scene() -> None:
        bed.machine.after(delay_s, lambda: done.append("done"))
        assert bool(done) == (delay_s == 0)
        await bed.settle()

    asyncio.run(scene())
    assert done == ["done"]


@pytest.mark.parametrize(
    ("command_line", "found"),
    [
        (r'"C:\Program Files\A B\tool.exe" -x', "tool.exe"),
        (r"C:\Program Files\A B\tool.exe -x", "tool.exe"),
        (r"%SystemRoot%\x -service", "x.exe"),
        (r"C:\Windows\x.exe", "x.exe"),
        (r"C:\Windows", None),
        (r"C:\nothing here.exe", None),
        ("", None),
    ],
)
def test_a_command_line_is_read_as_windows_reads_it(
    machine: Machine, command_line: str, found: str | None
) -> None:
    """Quoted or not, with blanks or without extension: the file is found."""
    machine.files.put(r"Program Files\A B\tool.exe", b"MZ")
    machine.files.put(r"Windows\x.exe", b"MZ")
    image = image_of(machine, command_line)
    assert (None if image is None else image.name) == found
