"""Hosts to try hostprobe on, each written down as TOML.

`names` lists them, `load` reads one, `build` makes a host of it.

Source: the comment at the head of `_base.toml` tells how a scenario is written.
"""

from hostprobe.lab.scenarios._build import build
from hostprobe.lab.scenarios._files import names
from hostprobe.lab.scenarios._load import load
from hostprobe.lab.scenarios._shapes import Scenario

__all__ = ["Scenario", "build", "load", "names"]
