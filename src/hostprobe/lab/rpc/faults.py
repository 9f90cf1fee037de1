"""Why a call ends without an answer of its own.

Source: C706 appendix E (reject status codes); [MS-ERREF] 2.2 (RPC_X_BAD_STUB_DATA).
"""

from enum import IntEnum


class FaultStatus(IntEnum):
    """The status of a fault PDU."""

    BAD_STUB_DATA = 0x000006F7  # RPC_X_BAD_STUB_DATA: the arguments cannot be read
    OPERATION_OUT_OF_RANGE = 0x1C010002  # nca_s_op_rng_error: no such opnum
    PROTOCOL_ERROR = 0x1C01000B  # nca_s_proto_error
    CONTEXT_MISMATCH = 0x1C00001A  # nca_s_fault_context_mismatch: not bound, or no such handle
    NO_MEMORY = 0x1C00001B  # nca_s_fault_remote_no_memory


class Fault(Exception):  # noqa: N818 - the protocol's own word
    """The call is answered with a fault PDU of this status."""

    def __init__(self, status: FaultStatus) -> None:
        super().__init__(status.name)
        self.status = status
