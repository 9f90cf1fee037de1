"""Hosts without PowerShell that are looked at, and on which a victim is killed."""

from tests.unit.cli.script import host, said

from hostprobe.transport.scripted import ScriptedSession

LISTED = '"svchost.exe","912","Services","0","9 K"\r\n"tasklist.exe","700","Services","0","9 K"\r\n'
VICTIM = '"victim.exe","432","Console","1","8,144 K"\r\n'
TWIN = '"victim.exe","440","Console","1","8,144 K"\r\n'
POWERLESS = b"==hostprobe:powershell:0==\r\n"


def look(name: str, *processes: str) -> bytes:
    """What a host says when it is looked at."""
    return said(hosted=LISTED + "".join(processes), name=name) + POWERLESS


def done(name: str, word: str = "0", after: str = "") -> bytes:
    """What a host says when its victim is killed."""
    page = "Active code page: 65001\r\n"
    listed = LISTED + after
    return (
        f"{page}{LISTED}{VICTIM}==hostprobe:before==\r\n==hostprobe:kill:432:{word}==\r\n"
        f"{listed}==hostprobe:after==\r\n==hostprobe:watched==\r\n"
        f"{page}==hostprobe:chcp:0==\r\n==hostprobe:host:{name}==\r\n"
        f"{listed}==hostprobe:tasklist:0==\r\n{listed}==hostprobe:services:0==\r\n"
    ).encode()


def ill(name: str) -> ScriptedSession:
    """A host with a victim that can be killed."""
    return host(look(name, VICTIM), done(name))
