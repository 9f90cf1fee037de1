"""The host's end of an RPC pipe: PDUs in, PDUs out.

Source: C706 12.6 (connection-oriented PDUs, their fragments); [MS-RPCE] 2.1.1.2 (RPC over SMB)
and 3.3.1.5.3 (bind time features).
"""

from uuid import UUID

from hostprobe.lab.machine.accounts import Caller
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.pipes import Pipe
from hostprobe.lab.rpc import pdus
from hostprobe.lab.rpc.faults import Fault, FaultStatus
from hostprobe.lab.rpc.interface import Interface, Session
from hostprobe.lab.rpc.ndr import Reader
from hostprobe.lab.rpc.pdus import Context, NotRpcError, Pdu, PduFlag, PduType, Reason, Result

_NDR = (UUID("8a885d04-1ceb-11c9-9fe8-08002b104860").bytes_le, 2)  # C706 appendix I
_BIND_TIME_FEATURES = UUID("6cb71c2c-9812-4540-0000-000000000000").bytes_le[:8]
_NO_SYNTAX = bytes(16)
_FEATURES = 0x3  # [MS-RPCE] 2.2.2.15: multiplexed security contexts, orphaned calls
_LONGEST_FRAGMENT = 4280  # that Windows takes over a pipe
_SHORTEST_FRAGMENT = 1432  # that each side must take (C706 12.6, MustRecvFragSize)
_ASSOCIATION_GROUP = 0x5A17  # where the client brings none; nothing depends on its number
_MOST_ARGUMENT_BYTES = 1 << 20
_MOST_CONTEXTS = 64
_MOST_UNREAD_BYTES = 1 << 20
_MOST_FRAGMENTS = 64  # of one write


def connect(interface: Interface, machine: Machine, caller: Caller) -> Pipe:
    """One more client of an interface."""
    return Endpoint(interface, Session(machine, caller)).pipe


class Endpoint:
    """One instance of an interface's pipe."""

    __slots__ = (
        "_arguments",
        "_call_id",
        "_contexts",
        "_interface",
        "_longest",
        "_session",
        "_unread",
        "pipe",
    )

    def __init__(self, interface: Interface, session: Session) -> None:
        self._interface = interface
        self._session = session
        self._contexts: set[int] = set()
        self._longest = _LONGEST_FRAGMENT
        self._unread = b""
        self._call_id: int | None = None
        self._arguments = bytearray()
        self.pipe = Pipe(
            interface.pipe, is_message=True, on_write=self._written, on_close=self._closed
        )

    def _closed(self, _pipe: Pipe) -> None:
        self._session.handles.close_all()

    def _written(self, pipe: Pipe, written: bytes) -> None:
        written, at, served = self._unread + written, 0, 0
        try:
            while length := pdus.fragment_length(written, at):
                served += 1
                _check_count(served)
                self._serve(pdus.parse(written[at : at + length]))
                at += length
        except NotRpcError:
            pipe.shut()  # Windows ends the connection of who does not speak the protocol
        self._unread = written[at:] if pipe.end is None else b""

    def _serve(self, pdu: Pdu) -> None:
        if self.pipe.queued_bytes > _MOST_UNREAD_BYTES:
            msg = "a client that does not read its answers"
            raise NotRpcError(msg)
        match pdu.type:
            case PduType.REQUEST:
                self._request(pdu)
            case PduType.BIND | PduType.ALTER_CONTEXT if pdu.has_auth:  # [MS-RPCE] 3.3.3.5.3
                reason = pdus.AUTHENTICATION_NOT_RECOGNIZED
                self.pipe.push(pdus.bind_nak(pdu.call_id, reason))
            case PduType.BIND | PduType.ALTER_CONTEXT:
                self._bind(pdu)
            case _:  # cancels and orphaned calls: every call is over before the next PDU is read
                pass

    def _bind(self, pdu: Pdu) -> None:
        longest, group, contexts = pdus.parse_bind(pdu)
        self._longest = min(max(longest, _SHORTEST_FRAGMENT), _LONGEST_FRAGMENT)
        answer = pdus.bind_ack(
            pdu,
            self._longest,
            group or _ASSOCIATION_GROUP,
            self._interface.address,
            [self._result(context) for context in contexts],
        )
        self.pipe.push(answer)

    def _result(self, context: Context) -> tuple[Result, int, bytes]:
        interface = self._interface
        if any(uuid.startswith(_BIND_TIME_FEATURES) for uuid, _ in context.transfer):
            return Result.NEGOTIATE_ACK, _FEATURES, _NO_SYNTAX
        if context.abstract != (interface.uuid.bytes_le, interface.version):
            return Result.PROVIDER_REJECTION, Reason.ABSTRACT_SYNTAX_NOT_SUPPORTED, _NO_SYNTAX
        if _NDR not in context.transfer:
            return Result.PROVIDER_REJECTION, Reason.TRANSFER_SYNTAXES_NOT_SUPPORTED, _NO_SYNTAX
        if len(self._contexts) >= _MOST_CONTEXTS:
            return Result.PROVIDER_REJECTION, Reason.LOCAL_LIMIT_EXCEEDED, _NO_SYNTAX
        self._contexts.add(context.id)
        return Result.ACCEPTANCE, Reason.NOT_SPECIFIED, _NDR[0]

    def _request(self, pdu: Pdu) -> None:
        context_id, opnum, fragment = pdus.parse_request(pdu)
        try:
            self._collect(pdu, fragment)
            if pdu.flags & PduFlag.LAST:
                stub = self._answer(context_id, opnum)
                for response in pdus.responses(pdu.call_id, context_id, stub, self._longest):
                    self.pipe.push(response)
        except Fault as error:
            self.pipe.push(pdus.fault(pdu.call_id, context_id, error.status))

    def _collect(self, pdu: Pdu, fragment: bytes) -> None:
        """Put the fragments of a call together; no other call's may come between them."""
        if pdu.flags & PduFlag.FIRST:
            self._call_id = pdu.call_id
            self._arguments.clear()
        too_long = len(self._arguments) + len(fragment) > _MOST_ARGUMENT_BYTES
        if pdu.call_id != self._call_id or too_long:
            self._call_id = None
            self._arguments.clear()
            raise Fault(FaultStatus.PROTOCOL_ERROR)
        self._arguments += fragment

    def _answer(self, context_id: int, opnum: int) -> bytes:
        arguments = Reader(bytes(self._arguments))
        self._call_id = None
        self._arguments.clear()
        if context_id not in self._contexts:
            raise Fault(FaultStatus.CONTEXT_MISMATCH)
        operation = self._interface.operations.get(opnum)
        if operation is None:
            raise Fault(FaultStatus.OPERATION_OUT_OF_RANGE)
        return operation.answer(self._session, arguments)


def _check_count(fragments: int) -> None:
    """See that one write does not keep the host busy for long."""
    if fragments > _MOST_FRAGMENTS:
        msg = "more fragments in one write than a client has a reason for"
        raise NotRpcError(msg)
