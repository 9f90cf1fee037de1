"""Log in to a router with netmiko, type one command, and take what it prints."""

import logging
import re
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import netmiko
import paramiko

from hostprobe.errors import CommandFailedError, CredentialError
from hostprobe.inventory.quoting import quoted
from hostprobe.inventory.targets import Target
from hostprobe.transport.psexec.deadline import Deadline
from hostprobe.transport.psexec.dial import dial, resolve
from hostprobe.transport.routers.bounded_socket import BoundedSocket
from hostprobe.transport.routers.errors import mapped
from hostprobe.transport.routers.host_keys import RefuseUnknown, known_hosts_options
from hostprobe.transport.routers.question import RouterAnswer, RouterLogIn, RouterQuestion

_LOG: Final = logging.getLogger(__name__)
_SLOWEST_STEP_S: Final = 20.0
_PIECE: Final = 1 << 16
_TAIL: Final = 200
# such as "% Invalid input detected at '^' marker.", or "% Authorization failed"
_COMPLAINT: Final = re.compile(rb"^%[ \t]*([^\r\n]{1,200})", re.MULTILINE)
_HEAD: Final = 2000
_LOG_IN: Final = "log in"


def answer(target: Target, log_in: RouterLogIn, question: RouterQuestion) -> RouterAnswer:
    """What a router prints.

    Raises:
        HostError: It did not answer, or not to the end.
    """
    for name in ("paramiko", "netmiko"):  # they would print tracebacks, and what is typed
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    started_at, deadline = time.monotonic(), Deadline(question.timeout_s)
    connecting = deadline.sooner(question.connect_timeout_s)
    plain = dial(target, resolve(target, connecting), connecting, lambda _address: True)
    address = str(plain.getpeername()[0])
    _LOG.debug("%s: connected to %s", target, address)
    sock = BoundedSocket(plain, deadline, question.max_bytes)
    try:
        with ExitStack() as open_things:
            open_things.callback(sock.close)
            connection = _logged_in(target, log_in, question, sock, open_things)
            prompt = connection.find_prompt()
            _LOG.debug("%s: logged in as %s, typing: %s", target, log_in.username, question.command)
            text = _printed(connection.remote_conn, question.command, prompt, deadline)
    except Exception as error:
        failure = mapped(target, error, sock, log_in.known_hosts)
        failure.address = address
        raise failure from error
    _require_no_complaint(target, question.command, text)
    return RouterAnswer(
        host_name=prompt[:_TAIL].rstrip("#>"),
        address=address,
        text=text,
        elapsed_s=time.monotonic() - started_at,
    )


def _logged_in(
    target: Target,
    log_in: RouterLogIn,
    question: RouterQuestion,
    sock: BoundedSocket,
    open_things: ExitStack,
) -> netmiko.BaseConnection:
    """A connection at the prompt, without paging."""
    if log_in.uses_agent:
        _require_keys(target)
    step_s = min(_SLOWEST_STEP_S, question.timeout_s)
    connection = netmiko.ConnectHandler(
        device_type=question.device_type,
        host=target.host,
        port=target.port,
        username=log_in.username,
        password=log_in.password,
        pkey=None if log_in.key_file is None else _key(target, log_in.key_file),
        allow_agent=log_in.uses_agent,
        sock=sock,
        conn_timeout=step_s,
        auth_timeout=step_s,
        banner_timeout=step_s,
        read_timeout_override=step_s,
        auto_connect=False,
        **known_hosts_options(log_in.known_hosts),
    )
    connection.key_policy = RefuseUnknown(target, log_in.known_hosts)
    open_things.callback(_hang_up, connection)
    connection.establish_connection()
    connection.write_channel(connection.RETURN)  # some wait for a key before they say anything
    connection.session_preparation()
    return connection


def _hang_up(connection: netmiko.BaseConnection) -> None:
    """Close a connection, whose router may have done so already: what it answered counts.

    netmiko's `disconnect` would type, and wait again.
    """
    with suppress(EOFError, OSError, paramiko.SSHException):
        connection.paramiko_cleanup()


def _key(target: Target, path: Path) -> paramiko.PKey:
    """The private key in a file.

    Raises:
        CredentialError: It holds none, or one with a passphrase.
    """
    try:
        return paramiko.PKey.from_path(path)
    except TypeError as error:  # so says cryptography that a passphrase is missing
        msg = f"{target}: the key {path} has a passphrase; add it to the agent: --router-agent"
        raise CredentialError(msg, step=_LOG_IN) from error
    except (OSError, ValueError, paramiko.SSHException, paramiko.UnknownKeyType) as error:
        msg = f"{target}: {path} holds no private key that SSH knows"
        raise CredentialError(msg, step=_LOG_IN) from error


def _require_keys(target: Target) -> None:
    """See that the agent has a key.

    Raises:
        CredentialError: It has none, or there is no agent.
    """
    agent = paramiko.Agent()
    keys = agent.get_keys()
    agent.close()
    if not keys:
        msg = f"{target}: no SSH agent, or no key in it: add one with ssh-add, or see --router-key"
        raise CredentialError(msg, step=_LOG_IN)


def _printed(channel: paramiko.Channel, command: str, prompt: str, deadline: Deadline) -> bytes:
    """All from the echo of the command to the next prompt.

    netmiko would do this too, but without a bound, and search all of it again for each piece.

    Raises:
        EOFError: The router closed the connection first.
        TimeoutError: It took too long.
    """
    channel.sendall(f"{command}\n".encode("ascii"))
    echo, end = command.encode("ascii"), prompt.encode("utf-8")
    received = bytearray()
    while echo not in received[:_HEAD] or _last_line(received) != end:
        channel.settimeout(deadline.left())
        piece = channel.recv(_PIECE)
        if not piece:
            raise EOFError
        received += piece
    return bytes(received[received.index(echo) :])


def _last_line(received: bytearray) -> bytes:
    return bytes(received[-_TAIL:]).replace(b"\r", b"\n").rpartition(b"\n")[2].strip()


def _require_no_complaint(target: Target, command: str, text: bytes) -> None:
    complaint = _COMPLAINT.search(text[:_HEAD])
    if complaint:
        said = quoted(complaint[1].decode("utf-8", "replace"))
        msg = f"{target}: the router refuses `{command}`: {said}; --dialect takes another command"
        raise CommandFailedError(msg, step="ask for the flows")
