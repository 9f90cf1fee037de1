"""What was about to be changed on hosts, and what came of it: an append-only file of JSON lines.

Each line has `schema, id, event, at, operator, operator_host, action, target, account, ticket`; an
`intent` and its `outcome` share their id. A kill destroys the evidence it acts on, so an intent
holds the whole plan. Nothing is changed on a host before its intent is on the disk.
"""

import getpass
import json
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

import platformdirs

from hostprobe.errors import HostprobeError, JournalError

Event = Literal["intent", "outcome", "refused"]


def audit_path(environment: Mapping[str, str]) -> Path:
    """Where the audit file is: a file or a folder that the environment names, or the user's own."""
    if name := environment.get("HOSTPROBE_AUDIT_LOG"):
        return Path(name)
    folder = environment.get("HOSTPROBE_STATE_DIR")
    return (Path(folder) if folder else platformdirs.user_state_path("hostprobe")) / "audit.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The audit file, as one act on one host writes to it.

    Attributes:
        action: What is done, such as `kill`.
        target: The host as the user named it.
        account: The name that logs in; never its password.
        ticket: What the user was asked by, in the user's words.
        plan_sha256: Of the file of plans that this one comes from; None where it was made now.
    """

    path: Path
    action: str
    target: str
    account: str
    ticket: str | None = None
    plan_sha256: str | None = None
    id: str = field(default_factory=lambda: uuid4().hex)

    def intent(self, plan: object) -> None:
        """Write down what is about to be done.

        Raises:
            JournalError: It cannot be written; so it must not be done.
        """
        self._append("intent", plan=plan)

    def outcome(self, outcome: object) -> None:
        """Write down what came of it: a record of the action, or the error that ended it.

        Raises:
            JournalError: It cannot be written.
        """
        self._append("outcome", outcome=outcome)

    def refused(self, asked: object, reason: HostprobeError) -> None:
        """Write down what was asked for and why it is not done.

        Raises:
            JournalError: It cannot be written.
        """
        self._append("refused", asked=asked, reason=reason)

    def _append(self, event: Event, **content: object) -> None:
        line = {
            "schema": 1,
            "id": self.id,
            "event": event,
            "at": datetime.now(UTC),
            "operator": operator(),
            "operator_host": socket.gethostname(),
            "action": self.action,
            "target": self.target,
            "account": self.account,
            "ticket": self.ticket,
            "plan_sha256": self.plan_sha256,
            **content,
        }
        try:
            _append_line(self.path, json.dumps(line, default=_plain).encode() + b"\n")
        except OSError as error:
            msg = f"{self.path}: the audit file cannot be written ({error.strerror}); "
            msg += "set HOSTPROBE_AUDIT_LOG to a file that can"
            raise JournalError(msg) from error


def intents(path: Path, plan_sha256: str) -> Mapping[str, str]:
    """When the plans of a file were last carried out, as far as this audit file tells.

    Args:
        path: Of the audit file.
        plan_sha256: Of the file of plans.

    Returns:
        For each host as the user named it, the time in ISO 8601; empty where nothing can be read.
    """
    found: dict[str, str] = {}
    with suppress(OSError), path.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            if plan_sha256 in line:
                found |= _intent(line, plan_sha256)
    return found


def _intent(line: str, plan_sha256: str) -> Mapping[str, str]:
    """The host and the time of an intent to carry that plan out; empty where it is none."""
    try:
        entry = json.loads(line)
    except ValueError:  # the machine went down while it was written
        return {}
    wanted = {"event": "intent", "plan_sha256": plan_sha256}
    if not isinstance(entry, dict) or not wanted.items() <= entry.items():
        return {}
    return {str(entry.get("target")): str(entry.get("at"))}


def _append_line(path: Path, line: bytes) -> None:
    """Put `line` at the end of the file and on the disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def operator() -> str:
    """The user of this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a bare user id, as in a container
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def _plain(value: object) -> object:
    """`value` as JSON can say it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, HostprobeError):
        return {"kind": value.kind, "message": str(value)}
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return repr(value)
