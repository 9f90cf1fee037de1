"""Which service program a file is, by strings that the real binary holds.

Source: PAExec 1.29, paexec.exe; RemCom 1.3, RemComSvc.exe, as impacket brings it.
"""

from typing import Final

from hostprobe.lab.machine.services import ServiceFactory
from hostprobe.lab.payloads.paexec import paexec
from hostprobe.lab.payloads.remcom import remcom

_MARKS: Final = (
    ("PAExec".encode("utf-16-le"), paexec),
    (b"RemCom", remcom),
)


def payload_of(content: bytes) -> ServiceFactory | None:
    """What emulates the program in a file of that content; None for any other file."""
    return next((factory for mark, factory in _MARKS if mark in content), None)
