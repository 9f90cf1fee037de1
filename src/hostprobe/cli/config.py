"""The configuration file: what options are where neither the command line nor the environment says.

Source: TOML 1.0 with a table `default` and one `profile.NAME` for each profile.
"""

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn

import platformdirs
import typer
from typer.exceptions import TyperException

from hostprobe.errors import InputFileError, UsageError
from hostprobe.inventory.quoting import quoted, quoted_path

CONFIG_VARIABLE: Final = "HOSTPROBE_CONFIG"
_PASSWORD_VARIABLE: Final = "HOSTPROBE_PASSWORD"  # noqa: S105 - the name of a variable
_MAX_BYTES: Final = 1 << 18
_TEXTS: Final = (list, str)
_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "cluster": (str,),
    "connect_timeout": (int, float),
    "inventory": (str,),
    "jobs": (int,),
    "kerberos": (bool,),
    "never": _TEXTS,
    "password_command": (str,),
    "password_file": _TEXTS,
    "per_site": (int,),
    "retries": (int,),
    "scope": _TEXTS,
    "smb_port": (int,),
    "timeout": (int, float),
    "username": (str,),
}
_PASSWORDS: Final = ("password_command", "password_file")
Settings = dict[str, object]


def path() -> Path:
    """Where the configuration file is, or would be."""
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named) if named else platformdirs.user_config_path("hostprobe") / "config.toml"


def apply(context: typer.Context, profile: str | None) -> None:
    """Let the command's options be what the file says, where they are given nowhere else.

    Raises:
        UsageError: The profile is not in the file, or a setting is not what it should be.
        InputFileError: The file cannot be read, or others may write it.
    """
    found = settings(profile)
    if os.environ.get(_PASSWORD_VARIABLE):  # the environment is preferred to the file
        found = {key: value for key, value in found.items() if key not in _PASSWORDS}
    for parameter in context.command.params:
        if parameter.name in found:
            try:
                parameter.type_cast_value(context, found[parameter.name])
            except TyperException as error:
                msg = f"{quoted_path(path())}: {parameter.name}: {error.message}"
                raise UsageError(msg) from error
    context.default_map = found


def settings(profile: str | None) -> Settings:
    """What the file says: the table `default`, and over it that of the profile.

    Raises:
        UsageError, InputFileError: As `apply`.
    """
    file = path()
    if not _is_there(file):
        if profile or os.environ.get(CONFIG_VARIABLE):
            msg = f"there is no configuration file {quoted_path(file)}; {CONFIG_VARIABLE} names one"
            raise UsageError(msg)
        return {}
    tables = _tables(file)
    general = tables.get("default", {})
    if profile is None:
        return general
    if (own := tables.get(f"profile.{profile}")) is None:
        names = ", ".join(name.removeprefix("profile.") for name in tables if name != "default")
        msg = f"{quoted_path(file)}: no profile {quoted(profile)}; it has {names or 'none'}"
        raise UsageError(msg)
    never = [*_texts(general.get("never")), *_texts(own.get("never"))]
    return {**general, **own, **({"never": never} if never else {})}


def _is_there(file: Path) -> bool:
    """Whether it can be seen: a folder of somebody else's is no reason to fail."""
    try:
        return file.exists()
    except OSError:
        return False


def _tables(file: Path) -> dict[str, Settings]:
    """Each table by its name, with what it says."""
    _require_own(file)
    document = _document(file)
    profiles = document.pop("profile", {})
    tables = {"default": document.pop("default", {})}
    for name in document:
        _refuse(file, f"[{name}]", "write [default] or [profile.NAME]")
    if not isinstance(profiles, dict):
        _refuse(file, "profile", "write [profile.NAME]")
    tables |= {f"profile.{name}": table for name, table in profiles.items()}
    return {name: _checked(file, name, table) for name, table in tables.items()}


def _document(file: Path) -> Settings:
    import tomllib  # noqa: PLC0415 - only where there is a file

    from hostprobe.inventory.text_files import read_text  # noqa: PLC0415 - as above

    try:
        return tomllib.loads(read_text(file, max_bytes=_MAX_BYTES))
    except tomllib.TOMLDecodeError as error:
        # Not chained: the decoder's error holds the text, in which somebody may have put a secret.
        msg = f"{quoted_path(file)} is no TOML: {_place(error)}"
        raise InputFileError(msg) from None


def _place(error: Exception) -> str:
    """Where the file is wrong, without any of its text."""
    told = str(error)
    return told[at:].strip("()") if (at := told.rfind("(at ")) >= 0 else "see its syntax"


def _require_own(file: Path) -> None:
    """See that nobody else can write it: it says where to log in, and what to run.

    Raises:
        InputFileError: Somebody can.
    """
    if sys.platform == "win32":  # its folder is the user's own
        return
    status = file.stat()
    if status.st_uid not in {0, os.getuid()} or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        msg = f"{quoted_path(file)} is not yours alone to write: chmod go-w, or chown it"
        raise InputFileError(msg)


def _checked(file: Path, table: str, found: object) -> Settings:
    if not isinstance(found, dict):
        _refuse(file, table, f"write [{table}]")
    for key, value in found.items():
        _check(file, f"{table}.{key}", key, value)
    settled: Settings = {}
    for key, value in found.items():
        settled[key] = _texts(value) if _KINDS[key] is _TEXTS else value
        if key == "inventory":
            settled[key] = str(Path(value).expanduser())
    return settled


def _check(file: Path, where: str, key: str, value: object) -> None:
    if key == "password":
        _refuse(file, where, "no password is kept in a file like this; use password_command")
    if key not in _KINDS:
        _refuse(file, where, f"no such setting{_nearest(key)}")
    is_bool = isinstance(value, bool)  # which is an int, too
    if not isinstance(value, _KINDS[key]) or (is_bool and bool not in _KINDS[key]):
        _refuse(file, where, f"write {_example(key)}")
    if isinstance(value, list) and not all(isinstance(each, str) for each in value):
        _refuse(file, where, f"write {_example(key)}")


def _nearest(key: str) -> str:
    import difflib  # noqa: PLC0415 - only for a mistake

    close = difflib.get_close_matches(key, _KINDS, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(_KINDS)}"


def _example(key: str) -> str:
    kind = _KINDS[key]
    if kind is _TEXTS:
        return f'{key} = ["...", "..."]'
    return f"{key} = " + {str: '"..."', bool: "true"}.get(kind[0], "5")


def _texts(value: object) -> list[str]:
    """One text or a list of them."""
    if isinstance(value, list):
        return value
    return [] if value is None else [str(value)]


def _refuse(file: Path, where: str, way_out: str) -> NoReturn:
    msg = f"{quoted_path(file)}: {where}: {way_out}"
    raise UsageError(msg)
