"""Put off what an import of others costs until somebody uses it.

Source: the recipe in the documentation of importlib, "Implementing lazy imports".
"""

import importlib.util
import sys


def lazily(name: str) -> None:
    """Let the module `name` be imported when one of its attributes is first used.

    What is imported already stays as it is.
    """
    parent, _, child = name.rpartition(".")
    spec = importlib.util.find_spec(name)
    if name in sys.modules or spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    setattr(sys.modules[parent], child, module)
