"""A router's own key: one that nobody has vouched for is refused, before anything is proved."""

import hashlib
from base64 import b64encode
from pathlib import Path
from shlex import quote
from typing import Final, Protocol

from hostprobe.errors import HostKeyError
from hostprobe.inventory.targets import Target

_SYSTEM: Final = Path("/etc/ssh/ssh_known_hosts")
_STEP: Final = "check the router's key"


class Key(Protocol):
    """What is asked of paramiko's keys."""

    def get_name(self) -> str:
        """Its kind, such as `ssh-ed25519`."""

    def asbytes(self) -> bytes:
        """The public part, as it is on the wire."""


class RefuseUnknown:
    """paramiko's policy for a router whose key is in no file.

    Args:
        target: The router.
        known_hosts: As in `RouterLogIn`.
    """

    def __init__(self, target: Target, known_hosts: Path | None) -> None:
        self._target = target
        self._file = quote(str(known_hosts)) if known_hosts else "~/.ssh/known_hosts"

    def missing_host_key(self, _client: object, _name: str, key: Key) -> None:
        """Refuse it.

        Raises:
            HostKeyError: Always.
        """
        target = self._target
        msg = (
            f"{target}: its SSH key {fingerprint(key)} is not in {self._file}, so no account was"
            " tried; compare it with what the router's console shows, then add it: ssh-keyscan -p"
            f" {target.port} {target.host} >> {self._file}"
        )
        raise HostKeyError(msg, step=_STEP)


def changed(target: Target, key: Key, known_hosts: Path | None) -> HostKeyError:
    """The router has another key than the one that is known there."""
    where = f" -f {quote(str(known_hosts))}" if known_hosts else ""
    msg = (
        f"{target}: its SSH key is now {fingerprint(key)}, and another one is known: somebody may"
        " be in between, or the router was replaced; no account was tried. Where the key is right,"
        f" forget the old one: ssh-keygen{where} -R '{_known_as(target)}'"
    )
    return HostKeyError(msg, step=_STEP)


def fingerprint(key: Key) -> str:
    """As OpenSSH shows it: kind and SHA-256."""
    digest = b64encode(hashlib.sha256(key.asbytes()).digest()).decode("ascii").rstrip("=")
    return f"{key.get_name()} SHA256:{digest}"


def known_hosts_options(known_hosts: Path | None) -> dict[str, object]:
    """What netmiko is told of the files with known keys."""
    if known_hosts is not None:
        return {"alt_host_keys": True, "alt_key_file": str(known_hosts)}
    return {"system_host_keys": True, "alt_host_keys": True, "alt_key_file": str(_SYSTEM)}


def _known_as(target: Target) -> str:
    return target.host if target.port == 22 else f"[{target.host}]:{target.port}"
