"""What the server knows of one client, and of all the clients of a host.

Source: [MS-SMB2] 3.3.1.5 (global), 3.3.1.7 (per connection), 3.3.4.2 (interim responses).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.files import Node
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.smb.closing import close
from hostprobe.lab.smb.headers import Request
from hostprobe.lab.smb.keys import Agreement
from hostprobe.lab.smb.replies import ERROR, Reply, frame, reply
from hostprobe.lab.smb.sessions import OpenFile, OpenPipe, Session

_MAX_SESSIONS = 16
_MAX_TREES = 64
_MAX_OPENS = 4096
_MAX_PENDING = 512
_MAX_UNREAD_BYTES = 16 << 20


class Pending(Exception):  # noqa: N818 - no error: the answer comes later
    """The answer to a request comes later, by `Client.finish`.

    Args:
        cancel: Ends the wait; False where it is too late.
    """

    def __init__(self, cancel: Callable[[], bool]) -> None:
        super().__init__()
        self.cancel = cancel


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that is answered later.

    Attributes:
        cancel: Ends its wait; False where it is too late.
    """

    request: Request
    cancel: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Offer:
    """What both sides told in NEGOTIATE: 3.x checks it once more, [MS-SMB2] 3.3.5.15.12."""

    client_capabilities: int = 0
    client_guid: bytes = bytes(16)
    client_mode: int = 0
    server_capabilities: int = 0
    server_mode: int = 0


@dataclass(slots=True, eq=False)
class Clients:
    """All who are connected to one host.

    Attributes:
        messages: How many frames they have sent to it.
        has_cut: The quirk `cut_after` has had its connection.
        live: The oldest first.
    """

    messages: int = 0
    has_cut: bool = False
    live: "dict[Client, None]" = field(default_factory=dict)

    def sessions(self) -> Iterator[tuple["Client", Session]]:
        """All log-ins."""
        for client in self.live:
            for session in client.sessions.values():
                yield client, session

    def users_of(self, node: Node) -> Iterator[OpenFile]:
        """All who have a file open."""
        if not node.opens:
            return
        for _, session in self.sessions():
            for opened in session.opens.values():
                if isinstance(opened, OpenFile) and opened.node is node:
                    yield opened

    def make_room(self, most: int) -> bool:
        """See that one more is not more than `most`: who has not logged in may have to go.

        Returns:
            False where all have logged in.
        """
        if len(self.live) < most:
            return True
        idle = next((client for client in self.live if not client.has_logged_in), None)
        if idle is not None:
            self.live.pop(idle)
            idle.disconnect()
        return idle is not None

    def disconnect(self) -> None:
        """End all connections, as a host does that goes down."""
        for client in tuple(self.live):
            client.disconnect()


class Client:
    """One connection, as its requests see it.

    Args:
        peers: All clients of the host; this one joins them.
        address: The client's own.
        send: Takes a frame for the client.
        disconnect: Ends the connection at once.

    Attributes:
        preauth_hash: Connection.PreauthIntegrityHashValue, for 3.1.1.
        pending: Requests that are answered later, by AsyncId.
    """

    __slots__ = (
        "_is_answering",
        "_last_async_id",
        "_late",
        "_send",
        "address",
        "agreed",
        "disconnect",
        "machine",
        "offer",
        "peers",
        "pending",
        "preauth_hash",
        "sessions",
    )

    def __init__(
        self,
        machine: Machine,
        peers: Clients,
        address: tuple[str, int],
        send: Callable[[bytes], None],
        disconnect: Callable[[], None],
    ) -> None:
        self.machine = machine
        self.peers = peers
        self.address = address
        self.disconnect = disconnect
        self.agreed = Agreement()
        self.offer = Offer()
        self.preauth_hash = bytes(64)
        self.sessions: dict[int, Session] = {}
        self.pending: dict[int, Waiting] = {}
        self._send = send
        self._late: list[tuple[Request, Reply]] = []
        self._last_async_id = 0
        self._is_answering = False
        peers.live[self] = None

    @property
    def has_logged_in(self) -> bool:
        """Whether there is a session, if only an anonymous one."""
        return any(session.caller for session in self.sessions.values())

    def begin_frame(self) -> None:
        """Hold late answers back, so that none comes before the interim one in the same frame."""
        self._is_answering = True

    def end_frame(self, replies: list[Reply], sealed_by: Session | None) -> None:
        """Send the answers to a frame, and what was held back meanwhile."""
        self._is_answering = False
        if replies:
            self._send(frame(replies, sealed_by))
        late, self._late = self._late, []
        for request, answer in late:
            self._send(frame([answer], request.sealed_by))

    def postpone(self, request: Request, cancel: Callable[[], bool]) -> None:
        """Keep a request that is answered later.

        Raises:
            StatusError: INSUFF_SERVER_RESOURCES: too many wait already.
        """
        if len(self.pending) >= _MAX_PENDING:
            cancel()
            raise StatusError(NtStatus.INSUFF_SERVER_RESOURCES)
        self._last_async_id += 1
        request.async_id = self._last_async_id
        request.raw = b""  # it may be long, and there may be many
        self.pending[request.async_id] = Waiting(request, cancel)

    def finish(self, request: Request, status: NtStatus, body: bytes) -> None:
        """Answer a request that was kept; nothing happens where that was done before."""
        if self.pending.pop(request.async_id, None) is None:
            return
        answer = reply(request, self.agreed, status, body or ERROR, is_late=True)
        if self._is_answering:
            self._late.append((request, answer))
        else:
            self._send(frame([answer], request.sealed_by))

    def require_room(self, *, sessions: int = 0, trees: int = 0, opens: int = 0) -> None:
        """See that so many more are not too many.

        Raises:
            StatusError: INSUFF_SERVER_RESOURCES.
        """
        had = self.sessions.values()
        has_room = (
            len(had) + sessions <= _MAX_SESSIONS
            and sum(len(session.trees) for session in had) + trees <= _MAX_TREES
            and sum(len(session.opens) for session in had) + opens <= _MAX_OPENS
        )
        if not has_room:
            raise StatusError(NtStatus.INSUFF_SERVER_RESOURCES)

    def require_reader(self) -> None:
        """See that the client reads what its pipes hold for it.

        Raises:
            StatusError: INSUFF_SERVER_RESOURCES.
        """
        opens = (opened for session in self.sessions.values() for opened in session.opens.values())
        unread = sum(each.pipe.queued_bytes for each in opens if isinstance(each, OpenPipe))
        if unread > _MAX_UNREAD_BYTES:
            raise StatusError(NtStatus.INSUFF_SERVER_RESOURCES)

    def end_session(self, session: Session) -> None:
        """Close all that a session has, [MS-SMB2] 3.3.4.12."""
        for waiting in tuple(self.pending.values()):
            if waiting.request.session is session and waiting.cancel():
                self.finish(waiting.request, NtStatus.USER_SESSION_DELETED, b"")
        for opened in tuple(session.opens.values()):
            close(self.machine, opened)
        self.sessions.pop(session.id, None)

    def close(self) -> None:
        """The connection is gone, [MS-SMB2] 3.3.7.1."""
        self.peers.live.pop(self, None)
        pending, self.pending = self.pending, {}
        for waiting in pending.values():
            waiting.cancel()
        for session in tuple(self.sessions.values()):
            self.end_session(session)
