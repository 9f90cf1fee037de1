"""The service programs that clients bring along, known by their content and emulated."""

from hostprobe.lab.payloads.known import payload_of

__all__ = ["payload_of"]
