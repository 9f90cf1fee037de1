"""Emulated hosts on loopback: `with Lab(["infected"]) as lab:` serves them."""

from hostprobe.lab.machine.machine import Event
from hostprobe.lab.server._host import LabHost
from hostprobe.lab.server._lab import Lab

__all__ = ["Event", "Lab", "LabHost"]
