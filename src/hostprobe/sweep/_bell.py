"""The bell that ends work under way, in whichever process that is."""

from collections.abc import Callable
from threading import Event


class Bell(Event):
    """Set when work under way is to come back at once.

    Pickled with the work, it becomes the bell of the process that takes the work on, which whoever
    sent it there rings.
    """

    def __reduce__(self) -> tuple[Callable[[], "Bell"], tuple[()]]:
        """What pickle makes of it."""
        return (bell_here, ())


_HERE = Bell()


def bell_here() -> Bell:
    """The bell of this process."""
    return _HERE
