"""File service: requests and replies by their message number.

Source: MS-SMB2 2.2.1 (header), 3.3.4.2 (interim replies); MS-ERREF 2.3.1 (status).
"""

from dataclasses import dataclass, field
from typing import ClassVar, Final

from hostprobe.analysis.verdict._exchange import Exchange
from hostprobe.analysis.verdict._talk import Talk
from hostprobe.evidence.capture import Frame

_COMMANDS: Final = (
    *("negotiate", "session setup", "log-off", "tree connect", "tree disconnect", "create"),
    *("close", "flush", "read", "write", "lock", "ioctl", "cancel", "echo", "query directory"),
    *("change notify", "query info", "set info", "oplock break"),
)
_WAITS: Final = frozenset({8, 10, 15})  # read (of a pipe), lock, change notify
_UNANSWERED: Final = frozenset({12, 18})
_PENDING, _MORE, _DENIED = 0x103, 0xC0000016, 0xC0000022
_DOORS: Final = frozenset({0, 1, 3})  # without these there is nothing else
_SHARE, _MOST = 3, 256
_STATUS: Final = {
    0xC0000022: "STATUS_ACCESS_DENIED (not allowed)",
    0xC000006D: "STATUS_LOGON_FAILURE (wrong user name or password)",
    0xC000006E: "STATUS_ACCOUNT_RESTRICTION (a policy forbids the log-in)",
    0xC000006F: "STATUS_INVALID_LOGON_HOURS (not at this hour)",
    0xC0000070: "STATUS_INVALID_WORKSTATION (not from this host)",
    0xC0000071: "STATUS_PASSWORD_EXPIRED (the password has expired)",
    0xC0000072: "STATUS_ACCOUNT_DISABLED (the account is disabled)",
    0xC00000BB: "STATUS_NOT_SUPPORTED",
    0xC00000CC: "STATUS_BAD_NETWORK_NAME (no such share)",
    0xC000005E: "STATUS_NO_LOGON_SERVERS (no domain controller could be asked)",
    0xC000009A: "STATUS_INSUFFICIENT_RESOURCES",
    0xC000015B: "STATUS_LOGON_TYPE_NOT_GRANTED (no log-in over the network)",
    0xC0000193: "STATUS_ACCOUNT_EXPIRED (the account has expired)",
    0xC0000224: "STATUS_PASSWORD_MUST_CHANGE (the password has to be changed first)",
    0xC0000234: "STATUS_ACCOUNT_LOCKED_OUT (the account is locked)",
}


@dataclass(slots=True)
class Smb2(Talk):
    """Requests to a file server; a log-in or share that stays shut is a failure."""

    name: ClassVar[str] = "SMB2"

    _shut: dict[tuple[int, str], Exchange] = field(default_factory=dict)
    _shares: dict[str, str] = field(default_factory=dict)

    def take(self, frame: Frame, *, from_client: bool) -> None:
        """Learn what a frame says; several messages may be in one."""
        fields = frame.fields
        self.is_sealed |= "smb2.header.transform.msg_size" in fields
        commands, keys = fields.get("smb2.cmd", ()), fields.get("smb2.msg_id", ())
        if commands and not from_client:
            self.understood = frame.number
        statuses = iter(fields.get("smb2.nt_status", ()))
        shares = iter(fields.get("smb2.tree", ()))
        for command, key in zip(commands, keys, strict=False):
            if from_client:
                share = next(shares, "") if int(command) == _SHARE else ""
                self._request(int(command), key, share, frame)
            else:
                self._reply(int(command), key, int(next(statuses, "0"), 0), frame)

    def close(self) -> None:
        """A log-in or a share that was refused, and never given after that, is a failure."""
        for found in self._shut.values():
            self.fail(found)

    def _request(self, command: int, key: str, share: str, frame: Frame) -> None:
        if command in _UNANSWERED:
            return
        if share and len(self._shares) < _MOST:
            self._shares[key] = share.casefold()
        name = _name(command)
        told = f"the {name} to {_last_part(share)}" if share else f"the {name}"
        self.ask(key, told, frame, patient=command in _WAITS)

    def _reply(self, command: int, key: str, status: int, frame: Frame) -> None:
        if status == _PENDING:
            if key in self.pending:
                self.pending[key].patient = True
            return
        is_well = status < 0xC0000000 or status == _MORE
        words = _STATUS.get(status, f"status {status:#010x}")
        found = self.answer(key, frame, "ok" if is_well else "permanent", words)
        door = command, self._shares.pop(key, "")
        if found and command in _DOORS:
            self._knocked(door, status, found)
        elif found and status == _DENIED:
            self.note(found)

    def _knocked(self, door: tuple[int, str], status: int, found: Exchange) -> None:
        if found.outcome == "permanent" and len(self._shut) < _MOST:
            self._shut[door] = found
        elif status != _MORE:
            self._shut.pop(door, None)


def _name(command: int) -> str:
    return _COMMANDS[command] if command < len(_COMMANDS) else f"command {command}"


def _last_part(share: str) -> str:
    """The name of the share, without the server's: as tshark writes it, bounded by the asker."""
    return share.rpartition("\\")[2]
