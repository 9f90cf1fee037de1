"""Find a scenario's file, and put it together with those that it extends.

Source: TOML 1.0; a table is added to the one of the file below, key by key, and `false` takes an
inherited entry away.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from hostprobe.errors import InputFileError, UsageError
from hostprobe.lab.scenarios._reading import table

_PACKAGE = "hostprobe.lab.scenarios"
_BASE = "_base"


def names() -> tuple[str, ...]:
    """The scenarios that hostprobe brings along, in order."""
    found = (item.name for item in resources.files(_PACKAGE).iterdir())
    return tuple(
        sorted(
            name.removesuffix(".toml")
            for name in found
            if name.endswith(".toml") and not name.startswith("_")
        )
    )


def merged(name_or_path: str) -> dict[str, object]:
    """A scenario's file on top of all those that it extends.

    Raises:
        UsageError: No scenario has that name.
        InputFileError: A file cannot be read, or they extend each other in a circle.
    """
    layers: list[dict[str, object]] = []
    seen: list[str] = []
    following: str | None = name_or_path
    while following is not None:
        if following in seen:
            msg = f"{name_or_path}: extends itself: {' -> '.join([*seen, following])}"
            raise InputFileError(msg)
        seen.append(following)
        layer = dict(_parsed(following))
        extends = layer.pop("extends", None if following == _BASE else _BASE)
        if not isinstance(extends, str | None):
            msg = f"{following}: extends: must be text, not {extends!r}"
            raise InputFileError(msg)
        layers.append(layer)
        following = _beside(extends, following)
    result: dict[str, object] = {}
    for layer in reversed(layers):
        result = _over(result, layer)
    return result


def _beside(extends: str | None, path: str) -> str | None:
    """A file that is extended by path lies beside the one that extends it."""
    if extends is not None and extends.endswith(".toml"):
        return str(Path(path).parent / extends)
    return extends


def _parsed(name_or_path: str) -> Mapping[str, object]:
    if not name_or_path.endswith(".toml"):
        return _brought_along(name_or_path)
    try:
        return tomllib.loads(Path(name_or_path).read_text("utf-8"))
    except OSError as error:
        msg = f"{name_or_path}: {error.strerror}"
        raise InputFileError(msg) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{name_or_path}: {error}"
        raise InputFileError(msg) from error


@cache
def _brought_along(name: str) -> Mapping[str, object]:
    """The file of a scenario in the package, of which most others are made too."""
    if name not in (*names(), _BASE):
        msg = f"no scenario is called {name!r} (there are: {', '.join(names())})"
        raise UsageError(msg)
    text = resources.files(_PACKAGE).joinpath(f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def _over(below: dict[str, object], above: dict[str, object]) -> dict[str, object]:
    """`above` on top of `below`; an entry that comes anew goes to the end."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            result[key] = _over(table(old, key), table(value, key))
        else:
            result[key] = value
    return result
