"""Which processes are behind a flow: what its two ends have, put together. Pure."""

from hostprobe.analysis.trace._matching import EndName, TracedSocket, sockets
from hostprobe.analysis.trace._wanted import Answer, End, Side, Wanted, transport_protocol, wanted
from hostprobe.analysis.trace._words import explanation, notes, silence

__all__ = [
    "Answer",
    "End",
    "EndName",
    "Side",
    "TracedSocket",
    "Wanted",
    "explanation",
    "notes",
    "silence",
    "sockets",
    "transport_protocol",
    "wanted",
]
