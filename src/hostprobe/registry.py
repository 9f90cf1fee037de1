"""Find the one object that every module of a package defines under a fixed name."""

import ast
import importlib.util
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def names(package: ModuleType) -> tuple[str, ...]:
    """The public modules of `package`, in order, without importing them; `_*` are not public."""
    found = (info.name for info in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def summary(package: ModuleType, name: str) -> str:
    """The first line of a module's docstring, without importing the module."""
    spec = importlib.util.find_spec(f"{package.__name__}.{name}")
    text = Path(spec.origin).read_text("utf-8") if spec and spec.origin else ""
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def load(package: ModuleType, name: str, attribute: str, kind: type[T]) -> T:
    """Import the module `name` of `package` and return its `attribute`.

    Raises:
        TypeError: The module lacks the attribute, or it is of another class.
    """
    module = importlib.import_module(f"{package.__name__}.{name}")
    candidate = getattr(module, attribute, None)
    if not isinstance(candidate, kind):
        msg = f"{module.__name__} must define {attribute}: {kind.__name__}"
        raise TypeError(msg)
    return candidate


def discover(package: ModuleType, attribute: str, kind: type[T]) -> dict[str, T]:
    """Import every public module of `package` and collect its `attribute`, by module name.

    Raises:
        TypeError: A module lacks the attribute, or it is of another class.
    """
    return {name: load(package, name, attribute, kind) for name in names(package)}
