"""How tshark is called: an argument list, without a shell, and without anybody's settings."""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from hostprobe.errors import UsageError
from hostprobe.evidence.capture._fields import AGGREGATOR, FIELDS, SEPARATOR

_SMTP_TOO: Final = (2525,)  # a common second port for mail; tshark knows 25 and 587
_PREFERENCES: Final = (
    "smtp.desegment_data:FALSE",  # a message is not kept in memory
    "tcp.reassemble_out_of_order:TRUE",
)


def program() -> str:
    """Where tshark is.

    Raises:
        UsageError: It is not installed.
    """
    found = shutil.which("tshark")
    if found is None:
        msg = (
            "captures are read by tshark, which is not installed: apt-get install tshark,"
            " dnf install wireshark-cli, brew install wireshark, or wireshark.org for Windows"
        )
        raise UsageError(msg)
    return found


def arguments(
    path: Path, smtp_ports: Iterable[int] = (), smb_ports: Iterable[int] = ()
) -> list[str]:
    """The command line for one capture, without the program."""
    spoken = dict.fromkeys((*_SMTP_TOO, *smtp_ports), "smtp") | dict.fromkeys(smb_ports, "nbss")
    decode = [
        part for port, name in spoken.items() for part in ("-d", f"tcp.port=={int(port)},{name}")
    ]
    preferences = [part for text in _PREFERENCES for part in ("-o", text)]
    fields = [part for name in FIELDS for part in ("-e", name)]
    shape = ["-E", f"separator={SEPARATOR}", "-E", f"aggregator={AGGREGATOR}", "-E", "occurrence=a"]
    # An absolute path, so that no name is an option or means stdin.
    return [
        "-n",
        "-r",
        str(path.absolute()),
        *decode,
        *preferences,
        "-T",
        "fields",
        *shape,
        *fields,
    ]


def environment(folder: str) -> Mapping[str, str]:
    """What tshark is told of the machine: an empty folder for all settings and programs."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    homes = ("HOME", "XDG_CONFIG_HOME", "APPDATA", "WIRESHARK_CONFIG_DIR", "WIRESHARK_EXTCAP_DIR")
    return kept | dict.fromkeys((*homes, "TMPDIR"), folder) | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
