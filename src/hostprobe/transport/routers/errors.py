"""What netmiko and paramiko raise, as errors of ours: by class, never by text."""

from pathlib import Path

import netmiko
import paramiko

from hostprobe.errors import (
    BadCredentialsError,
    ConnectionLostError,
    DeadlineError,
    HostError,
    OutputTooLargeError,
    ProtocolError,
)
from hostprobe.inventory.quoting import quoted
from hostprobe.inventory.targets import Target
from hostprobe.transport.routers.bounded_socket import BoundedSocket
from hostprobe.transport.routers.host_keys import changed


def mapped(
    target: Target, error: Exception, sock: BoundedSocket, known_hosts: Path | None
) -> HostError:
    """Why the router could not be asked; `known_hosts` as in `RouterLogIn`."""
    if isinstance(error, HostError):
        return error
    if sock.is_full:
        msg = f"{target}: printed more than is read; ask for less, as with --dialect top_talkers"
        return OutputTooLargeError(msg)
    if sock.is_late or isinstance(error, TimeoutError):
        return DeadlineError(f"{target}: no whole answer in time; --router-timeout waits longer")
    cause = error.__context__  # netmiko raises a class of its own while it handles paramiko's
    if isinstance(cause, paramiko.BadHostKeyException):
        return changed(target, cause.key, known_hosts)
    return _other(target, error)


def _other(target: Target, error: Exception) -> HostError:
    match error:
        case netmiko.NetmikoAuthenticationException():
            msg = f"{target}: the router refuses the user name, or what proves it; not tried again"
            return BadCredentialsError(msg, step="log in")
        case netmiko.ReadTimeout() | ValueError():
            msg = f"{target}: shows no prompt of a router that ends in > or #; see --device-type"
            return ProtocolError(msg, step="log in")
        case EOFError() | OSError() | netmiko.ReadException():
            return ConnectionLostError(f"{target}: the router closed the connection; try again")
        case _:
            cause = error.__context__ or error
            why = quoted(f"{type(cause).__name__}: {', '.join(map(str, cause.args))}")
            return ProtocolError(f"{target}: no SSH that can be used: {why}", step="log in")
