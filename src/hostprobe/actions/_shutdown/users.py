"""Who is logged on, as quser tells it.

Source: `quser` of Windows Server 2022; names of states are translated, so none is looked for:

     USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME
    >anna                  console             1  Active      none   7/1/2024 8:02 AM
     ben                                       3  Disc            2  7/1/2024 9:30 AM

A row without a session's name is one that nobody is connected to. Where nobody is logged on, quser
says so in one line, with a `*` in every language, and its exit code is 1.
"""

import re
from dataclasses import dataclass

from hostprobe.errors import UnknownOutputError

_ROW = re.compile(
    r"[ >](?P<user>\S(?:.{0,40}?\S)?) {2,}(?:(?P<name>[^\W\d]\S{0,30}) +)?(?P<id>[0-9]{1,5})"
    r" {1,4}(?P<state>[^\W\d]\S{0,30}).*"
)
_MOST_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSession:
    """A session that somebody is logged on in.

    Attributes:
        name: Such as `console` or `rdp-tcp#5`; None where nobody is connected to it.
        state: In the host's own words.
    """

    user: str
    id: int
    name: str | None
    state: str

    @property
    def is_connected(self) -> bool:
        """Whether somebody may be working in it."""
        return self.name is not None


def parse(text: str) -> tuple[UserSession, ...]:
    """Read quser's answer.

    Raises:
        UnknownOutputError: It is none.
    """
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if len(lines) == 1 and "*" in lines[0]:
        return ()
    rows = [_ROW.fullmatch(line) for line in lines[1:_MOST_ROWS]]
    if not rows or None in rows or _ROW.fullmatch(lines[0]):
        msg = "quser answered in a shape that is not known"
        raise UnknownOutputError(msg)
    return tuple(
        UserSession(user=row["user"], id=int(row["id"]), name=row["name"], state=row["state"])
        for row in rows
        if row is not None
    )
