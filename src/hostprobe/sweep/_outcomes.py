"""What became of one host of a sweep."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from hostprobe.errors import HostprobeError
from hostprobe.inventory.targets import Target

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Answered(Generic[T_co]):
    """The host answered; an empty answer is one too."""

    target: Target
    value: T_co
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The host was asked in vain. `elapsed_s` is None where the end of the work was not seen."""

    target: Target
    error: HostprobeError
    elapsed_s: float | None


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nothing was sent to the host, and why.

    Attributes:
        reason: In words.
        cause: `account`: another log-in could lock it. `stopped`: the run was. `twin`: it is a host
            that another target names too.
    """

    target: Target
    reason: str
    cause: Literal["account", "stopped", "twin"] = "account"
