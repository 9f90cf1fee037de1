"""What a router is asked, as whom, and what it answers."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterLogIn:
    """Who logs in to a router; never an account of Windows.

    One of `password`, `key_file` and `uses_agent` proves it.

    Attributes:
        key_file: A private key, in the form of OpenSSH, without a passphrase.
        uses_agent: Whether the keys of the SSH agent are offered.
        known_hosts: Where the router's own key must be; None for the user's and the system's.
    """

    username: str
    password: str | None = field(default=None, repr=False)
    key_file: Path | None = None
    uses_agent: bool = False
    known_hosts: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterQuestion:
    """A command for a router.

    Attributes:
        command: Of `commands.show_command`.
        device_type: One of `commands.DEVICE_TYPES`.
        timeout_s: For all of it.
        connect_timeout_s: For TCP, and for each step of the log-in.
        max_bytes: That are taken from the router, over SSH.
    """

    command: str
    device_type: str
    timeout_s: float = 60.0
    connect_timeout_s: float = 5.0
    max_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterAnswer:
    """What a router printed.

    Attributes:
        host_name: Of its prompt.
        address: That answered.
        text: With the command's echo and the prompt after it; hostile.
    """

    host_name: str
    address: str
    text: bytes
    elapsed_s: float
