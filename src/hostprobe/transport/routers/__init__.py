"""A read-only command on a router, over SSH; the one door to netmiko and paramiko.

Both are imported when a router is asked, not before: they are an extra.
"""

from hostprobe.errors import UsageError
from hostprobe.inventory.targets import Target
from hostprobe.transport.routers.commands import DEVICE_TYPES, show_command
from hostprobe.transport.routers.question import RouterAnswer, RouterLogIn, RouterQuestion

__all__ = [
    "DEVICE_TYPES",
    "RouterAnswer",
    "RouterLogIn",
    "RouterQuestion",
    "ask",
    "show_command",
]


def ask(target: Target, log_in: RouterLogIn, question: RouterQuestion) -> RouterAnswer:
    """What a router prints.

    Raises:
        UsageError: netmiko is not installed.
        HostError: The router did not answer, or not to the end.
    """
    try:
        from hostprobe.transport.routers import session  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        msg = f"--router needs more: pip install 'hostprobe[network]' ({error.name} is not there)"
        raise UsageError(msg) from error
    return session.answer(target, log_in, question)
