"""Services with a run's name that start another program: whoever knows the name can give it.

Source: [MS-SCMR] 3.1.4.16, 3.1.4.17, 2.2.15 (QUERY_SERVICE_CONFIGW).
"""

import re
import struct
from collections.abc import Iterable, Iterator
from typing import Final

from hostprobe.transport.psexec import svcctl
from hostprobe.transport.psexec.errors import ServiceCallError
from hostprobe.transport.psexec.names import Names
from hostprobe.transport.psexec.service_list import Ask

_MOST_BYTES: Final = 1 << 13  # that the call allows
_PATH_AT, _TEXT_AT = 12, 36  # the pointer to the path, and the first text behind the record
_GONE: Final = (svcctl.DOES_NOT_EXIST, svcctl.MARKED)
_STARTS: Final = r'"(?:%SystemRoot%|[a-z]:\\[^\\"]+)\\{}" -service'  # Windows may name the folder


def impostors(ask: Ask, manager: bytes, runs: Iterable[Names]) -> Iterator[str]:
    """The services of these runs that are no run's; one that cannot be looked at is none either.

    Raises:
        ValueError: The service manager answers nonsense.
    """
    for run in runs:
        path = _path(ask, manager, run.service)
        if path is not None and not _is_ours(path, run):
            yield run.service


def _is_ours(path: str, run: Names) -> bool:
    return re.fullmatch(_STARTS.format(re.escape(run.file)), path, re.IGNORECASE) is not None


def _path(ask: Ask, manager: bytes, name: str) -> str | None:
    """The command line of a service: empty where it cannot be told, None where none is there."""
    opening = svcctl.open_service(manager, name, svcctl.ACCESS_CONFIG)
    try:
        service = svcctl.result("ROpenServiceW", ask(opening, _MOST_BYTES))
        asked = svcctl.query_config(service, _MOST_BYTES)
        found = svcctl.result("RQueryServiceConfigW", ask(asked, 2 * _MOST_BYTES))
        ask(svcctl.close_handle(service), _MOST_BYTES)
    except ServiceCallError as error:
        return None if error.code in _GONE else ""
    return read_path(found)


def read_path(config: bytes) -> str:
    """The command line in an answer of RQueryServiceConfigW; empty where it has none.

    Raises:
        ValueError: It goes beyond the end.
    """
    if not any(config[_PATH_AT : _PATH_AT + 4]):
        return ""
    text = config[_TEXT_AT + 12 :]
    count = struct.unpack_from("<I", config.ljust(_TEXT_AT + 12, b"\0"), _TEXT_AT + 8)[0]
    if 2 * count > len(text):
        msg = f"a path of {count} characters in {len(config)} bytes"
        raise ValueError(msg)
    return text[: 2 * count].decode("utf-16-le", "replace").partition("\0")[0]
