"""What a run puts on a host, thing by thing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["service", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """One thing that was put on a host.

    Attributes:
        name: As the host knows it.
        created_at: When it was about to be made; None where an earlier run made it.
        removed_at: When it was known to be gone; None where it is not.
    """

    kind: Kind
    name: str
    created_at: datetime | None
    removed_at: datetime | None

    @property
    def words(self) -> str:
        """What it is, for a person."""
        return f"{self.kind} {self.name}"
