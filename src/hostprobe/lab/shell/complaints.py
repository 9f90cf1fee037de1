"""What cmd.exe says when a file cannot be had.

Source: the texts of Win32 codes 2, 3, 5 and 112 in the language of the host.
"""

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.programs import Console

_KEYS = {
    NtStatus.OBJECT_NAME_NOT_FOUND: "file_not_found",
    NtStatus.OBJECT_PATH_NOT_FOUND: "path_not_found",
    NtStatus.NOT_A_DIRECTORY: "path_not_found",
    NtStatus.DISK_FULL: "disk_full",
}


def complain(console: Console, status: NtStatus) -> None:
    """Say on standard error what `status` means."""
    console.print_error(console.text("system", _KEYS.get(status, "access_denied")))
