"""What programs print in the language of their host.

Source: texts/*.toml; each says where its words were seen.
"""

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources

from hostprobe.lab.machine.machine import Language


def texts(language: Language, program: str) -> Mapping[str, str]:
    """A program's texts by key."""
    return _tables(language)[program]


@functools.cache
def _tables(language: Language) -> dict[str, dict[str, str]]:
    folder = resources.files(__package__).joinpath("texts")
    text = folder.joinpath(f"{language}.toml").read_text("utf-8")
    tables: dict[str, dict[str, str]] = tomllib.loads(text)
    return tables
