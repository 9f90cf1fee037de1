"""What became of one host of a sweep."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from hostprobe.errors import HostError, HostprobeError
from hostprobe.inventory.targets import Target

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Answered(Generic[T_co]):
    """The host answered; an empty answer is one too. `before` has the tries that failed first."""

    target: Target
    value: T_co
    elapsed_s: float
    before: tuple[HostError, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The host was asked in vain. `elapsed_s` is None where the end of the work was not seen.

    `before` has the tries before the last one.
    """

    target: Target
    error: HostprobeError
    elapsed_s: float | None
    before: tuple[HostError, ...] = ()


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nothing was sent to the host, or not again, and why.

    Attributes:
        reason: In words.
        cause: `account`: another log-in could lock it. `stopped`: the run was. `twin`: it is a host
            that another target names too.
        before: The tries that failed first.
    """

    target: Target
    reason: str
    cause: Literal["account", "stopped", "twin"] = "account"
    before: tuple[HostError, ...] = ()
