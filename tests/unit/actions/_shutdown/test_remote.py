"""The command that acts: what may stand in it, and what may not."""

import re
from dataclasses import replace

import pytest
import tree_sitter_powershell
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.actions._shutdown.said import looked, planned
from tests.unit.lab.shell.host import machine, run
from tree_sitter import Language, Parser

from hostprobe.actions._shutdown.remote import OTHER_HOST, command
from hostprobe.actions._shutdown.request import Reason, ShutdownRequest, Verb
from hostprobe.errors import GuardError
from hostprobe.lab.machine.quirks import Quirks

TALK = "".join(chr(code) for code in range(32, 127)) + "äß€漢"


def line(request: ShutdownRequest, delay_s: int = 20) -> str:
    """What cmd.exe is told."""
    return command(planned(request), delay_s).arguments


@pytest.mark.parametrize(
    ("request_", "order"),
    [
        (ShutdownRequest(), r"\shutdown.exe /s /t 20 /d p:5:19 <nul"),
        (ShutdownRequest(verb=Verb.REBOOT), r"\shutdown.exe /r /t 20 /d p:5:19 <nul"),
        (ShutdownRequest(reason=Reason("u", 4, 5), force=True), r"/s /t 20 /d u:4:5 /f <nul"),
        (ShutdownRequest(verb=Verb.ABORT), r"\shutdown.exe /a <nul"),
        (ShutdownRequest(verb=Verb.HIBERNATE), r"\shutdown.exe /h');"),
        (ShutdownRequest(verb=Verb.HIBERNATE, force=True), r"\shutdown.exe /h /f');"),
        (ShutdownRequest(verb=Verb.HIBERNATE), r"\ping.exe -n 21 127.0.0.1 >nul & "),
        (ShutdownRequest(verb=Verb.SUSPEND), "Start-Sleep -Seconds 20;"),
        (ShutdownRequest(verb=Verb.LOCK), r"\tsdiscon.exe 1 <nul"),
        (ShutdownRequest(verb=Verb.LOG_OFF, sessions=(1, 3)), r"\logoff.exe 3 <nul"),
    ],
)
def test_each_verb(request_: ShutdownRequest, order: str) -> None:
    """Each verb is a program of Windows, inside the check of the host's name."""
    text = line(request_)
    check = text.index('if /i "%COMPUTERNAME%"=="PC7" (')
    assert check < text.index(order) < text.index(f") else echo {OTHER_HOST.decode()})")


@pytest.mark.parametrize("verb", [Verb.HIBERNATE, Verb.SUSPEND])
def test_what_wmi_starts_is_powershell(verb: Verb) -> None:
    """A PowerShell grammar reads what starts the process that waits, and cmd.exe nothing in it."""
    outer = line(ShutdownRequest(verb=verb))
    text = outer[outer.index("-Command") :].split('"')[1]
    parser = Parser(Language(tree_sitter_powershell.language()))
    assert not parser.parse(text.encode()).root_node.has_error
    (inner,) = re.findall(r"Create\('((?:[^']|'')*)'\)", text)
    assert '"' not in inner
    assert "!" not in inner
    if verb is Verb.SUSPEND:
        script = inner.partition("-Command ")[2].replace("''", "'")
        assert not parser.parse(script.encode()).root_node.has_error


def test_a_host_with_an_unsafe_name() -> None:
    """A name that could end its quotes, as from a plan file, is refused."""
    with pytest.raises(GuardError, match="names a host that Windows does not"):
        command(replace(planned(), host_name='x" & calc'), 20)


@given(st.text(st.sampled_from(TALK), min_size=1, max_size=60))
@example("100% of %PATH% and %PATH:a=b% or %%")
@example('a"b & echo c')
@example("^ & | < > ( ) !PATH! \\")
def test_any_message_arrives(message: str) -> None:
    """Whatever a message holds, shutdown.exe gets it whole, and cmd.exe runs nothing of it."""
    host = machine(quirks=Quirks())
    ran = run(f"cmd.exe {line(ShutdownRequest(message=message))}", on=host)
    assert host.power.scheduled is not None
    assert host.power.scheduled.message == message
    assert (ran.out, ran.error, ran.code) == ("==hostprobe:this-host== \r\n", "", 0)


def test_the_longest_message_fits() -> None:
    """512 characters, each with its caret, are below what cmd.exe and PAExec take."""
    assert len(line(ShutdownRequest(message='"' * 512))) < 8000


def test_the_name_is_the_plans() -> None:
    """The name is that which the host stated when the plan was made."""
    found = planned(data=looked(name="WEB-01"))
    assert '"%COMPUTERNAME%"=="WEB-01"' in command(found, 20).arguments
