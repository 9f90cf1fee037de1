"""Packet captures, read by tshark: pcap, pcapng and Network Monitor's files in, frames out."""

from hostprobe.evidence.capture._frame import Frame, Icmp, Segment
from hostprobe.evidence.capture._kind import kind
from hostprobe.evidence.capture._limits import Limits
from hostprobe.evidence.capture._reading import Reading
from hostprobe.evidence.capture._tshark import arguments, program

__all__ = ["Frame", "Icmp", "Limits", "Reading", "Segment", "arguments", "kind", "program"]
