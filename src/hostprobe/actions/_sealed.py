"""JSON objects with a SHA-256 of their own, so that a slip of the keyboard is told.

The hash is that of all other members in the shortest form of JSON, names sorted. It is no
signature: whoever can edit the text can reckon it anew.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping

from hostprobe.errors import InputFileError


def digest(content: Mapping[str, object]) -> str:
    """The SHA-256 of all members but the hash itself, in hex."""
    rest = {name: value for name, value in content.items() if name != "sha256"}
    return hashlib.sha256(
        json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def sealed(content: Mapping[str, object]) -> str:
    """The text of the object and its hash, for people: indented, and in ASCII."""
    return json.dumps({**content, "sha256": digest(content)}, indent=2) + "\n"


def opened(text: str, name: str, kind: str, schema: int) -> Mapping[str, object]:
    """The object that a text holds, whole and as it was made.

    Args:
        text: Anybody's.
        name: What errors call it.
        kind: The `record` that it must be.
        schema: The only one that is known.

    Raises:
        InputFileError: It is no such object, or it was changed.
    """
    try:
        content = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        msg = f"{name}{where}: no whole JSON; it was cut, or edited by hand"
        raise InputFileError(msg) from None
    if not isinstance(content, dict) or content.get("record") != kind:
        msg = f"{name} is no {kind} of hostprobe"
        raise InputFileError(msg)
    if content.get("schema") != schema or isinstance(content["schema"], bool):
        msg = f"{name} has another schema than {schema}: it was made by another hostprobe"
        raise InputFileError(msg)
    if content.get("sha256") != digest(content):
        msg = f"{name} was changed after it was made: its sha256 is not that of its content"
        raise InputFileError(msg)
    return content


def _once(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """An object none of whose members is there twice: a reader might see the other one."""
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(name)
        found[name] = value
    return found


def _refuse(constant: str) -> object:
    raise ValueError(constant)
