"""A lock on an open file that lasts until it is closed, also by the end of the process."""

import os
import sys

if sys.platform == "win32":
    import msvcrt

    def hold(descriptor: int) -> None:
        """Hold the lock.

        Raises:
            OSError: Somebody else holds it.
        """
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def hold(descriptor: int) -> None:
        """Hold the lock.

        Raises:
            OSError: Somebody else holds it.
        """
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
