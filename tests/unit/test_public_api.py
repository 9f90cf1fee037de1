import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import hostprobe


def _typed_imports() -> dict[str, object]:
    """What a type checker takes each public name for."""
    tree = ast.parse(Path(hostprobe.__file__).read_text("utf-8"))
    imports = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module != "typing"
    ]
    return {
        alias.asname or alias.name: getattr(importlib.import_module(str(node.module)), alias.name)
        for node in imports
        for alias in node.names
    }


@pytest.mark.parametrize("name", hostprobe.__all__)
def test_name(name: str) -> None:
    """A public name is at run time the very object that a type checker takes it for."""
    assert getattr(hostprobe, name) is _typed_imports()[name]


def test_all() -> None:
    """Nothing is public without being listed."""
    assert set(_typed_imports()) == set(hostprobe.__all__)


def test_unknown_name() -> None:
    """A name that is not public is an AttributeError that says which."""
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        getattr(hostprobe, "nonsense")  # noqa: B009 - a type checker refuses it otherwise


def test_lazy() -> None:
    """Importing the package imports none of its modules, and neither library behind them."""
    code = (
        "import hostprobe, sys; print(*[n for n in sys.modules if 'hostprobe.' in n or 'smb' in n])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)  # noqa: S603 - our own code

    assert done.stdout.strip() == b""
