"""The status codes that the emulated host answers with, and the exceptions that carry them.

Source: [MS-ERREF] 2.2 (Win32 error codes) and 2.3.1 (NTSTATUS values).
"""

from enum import IntEnum


class NtStatus(IntEnum):
    """NTSTATUS values, as an SMB 2 header carries them."""

    SUCCESS = 0x00000000
    PENDING = 0x00000103
    BUFFER_OVERFLOW = 0x80000005
    NO_MORE_FILES = 0x80000006
    INVALID_INFO_CLASS = 0xC0000003
    INFO_LENGTH_MISMATCH = 0xC0000004
    INVALID_HANDLE = 0xC0000008
    INVALID_PARAMETER = 0xC000000D
    NO_SUCH_FILE = 0xC000000F
    INVALID_DEVICE_REQUEST = 0xC0000010
    END_OF_FILE = 0xC0000011
    MORE_PROCESSING_REQUIRED = 0xC0000016
    ACCESS_DENIED = 0xC0000022
    BUFFER_TOO_SMALL = 0xC0000023
    OBJECT_NAME_INVALID = 0xC0000033
    OBJECT_NAME_NOT_FOUND = 0xC0000034
    OBJECT_NAME_COLLISION = 0xC0000035
    OBJECT_PATH_NOT_FOUND = 0xC000003A
    SHARING_VIOLATION = 0xC0000043
    DELETE_PENDING = 0xC0000056
    LOGON_FAILURE = 0xC000006D
    ACCOUNT_RESTRICTION = 0xC000006E
    PASSWORD_EXPIRED = 0xC0000071
    ACCOUNT_DISABLED = 0xC0000072
    DISK_FULL = 0xC000007F
    PIPE_NOT_AVAILABLE = 0xC00000AC
    PIPE_CLOSING = 0xC00000B1
    IO_TIMEOUT = 0xC00000B5
    FILE_IS_A_DIRECTORY = 0xC00000BA
    NOT_SUPPORTED = 0xC00000BB
    NETWORK_NAME_DELETED = 0xC00000C9
    BAD_NETWORK_NAME = 0xC00000CC
    DIRECTORY_NOT_EMPTY = 0xC0000101
    NOT_A_DIRECTORY = 0xC0000103
    CANCELLED = 0xC0000120
    CANNOT_DELETE = 0xC0000121
    FILE_CLOSED = 0xC0000128
    PIPE_BROKEN = 0xC000014B
    FS_DRIVER_REQUIRED = 0xC000019C
    USER_SESSION_DELETED = 0xC0000203
    INSUFF_SERVER_RESOURCES = 0xC0000205
    ACCOUNT_LOCKED_OUT = 0xC0000234


class Win32Error(IntEnum):
    """Win32 error codes, as an RPC call returns them."""

    SUCCESS = 0
    FILE_NOT_FOUND = 2
    ACCESS_DENIED = 5
    INVALID_HANDLE = 6
    INVALID_PARAMETER = 87
    INSUFFICIENT_BUFFER = 122
    INVALID_NAME = 123
    INVALID_LEVEL = 124
    BAD_EXE_FORMAT = 193
    MORE_DATA = 234
    DIRECTORY = 267
    INVALID_SERVICE_CONTROL = 1052
    SERVICE_REQUEST_TIMEOUT = 1053
    SERVICE_ALREADY_RUNNING = 1056
    SERVICE_DISABLED = 1058
    SERVICE_DOES_NOT_EXIST = 1060
    SERVICE_CANNOT_ACCEPT_CTRL = 1061
    SERVICE_NOT_ACTIVE = 1062
    SERVICE_MARKED_FOR_DELETE = 1072
    SERVICE_EXISTS = 1073
    DUPLICATE_SERVICE_NAME = 1078
    SHUTDOWN_IN_PROGRESS = 1115
    NO_SHUTDOWN_IN_PROGRESS = 1116
    SHUTDOWN_IS_SCHEDULED = 1190
    LOGON_FAILURE = 1326
    NETNAME_NOT_FOUND = 2310


class StatusError(Exception):
    """The request is answered with this NTSTATUS.

    Args:
        status: Of the answer.
        body: Of the error response, where it says more than the status ([MS-SMB2] 2.2.2).
    """

    def __init__(self, status: NtStatus, body: bytes = b"") -> None:
        super().__init__(status.name)
        self.status = status
        self.body = body


class CallError(Exception):
    """The call into the machine fails with this Win32 error."""

    def __init__(self, code: Win32Error) -> None:
        super().__init__(code.name)
        self.code = code
