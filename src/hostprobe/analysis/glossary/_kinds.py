"""Every kind of terms that there is."""

import sys
from functools import cache
from importlib import resources

from hostprobe import registry
from hostprobe.analysis.glossary import _texts
from hostprobe.analysis.glossary._base import Kind


@cache
def kinds() -> tuple[Kind, ...]:
    """All of them, by name."""
    package = sys.modules[__package__]
    told = registry.discover(package, "KIND", Kind).values()
    files = resources.files(package).joinpath("texts").iterdir()
    written = (_texts.kind(file) for file in files if file.name.endswith(".toml"))
    return tuple(sorted((*told, *written), key=lambda kind: kind.name.casefold()))
