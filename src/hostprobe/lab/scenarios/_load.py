"""Read a scenario, and check all that it says.

Source: `_shapes.py`; [MS-SMB2] 2.2.3 and 2.2.3.1 (the numbers of dialects, ciphers, signing);
[MS-ERREF] 2.3.1 (the names of a log-in's status).
"""

import codecs
import re
from typing import TYPE_CHECKING, TypeVar

from hostprobe.errors import InputFileError
from hostprobe.lab.machine.machine import Answer, Share, SmbPolicy, Windows
from hostprobe.lab.machine.quirks import Quirks
from hostprobe.lab.scenarios import _files
from hostprobe.lab.scenarios._disk import tree_of, with_images
from hostprobe.lab.scenarios._reading import record, table
from hostprobe.lab.scenarios._shapes import (
    AccountTable,
    AnswerTable,
    Connection,
    ConnectionTable,
    HostTable,
    ProcessTable,
    Scenario,
    ServiceTable,
    ShareTable,
    SmbTable,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

DIALECTS = {"2.0.2": 0x0202, "2.1": 0x0210, "3.0": 0x0300, "3.0.2": 0x0302, "3.1.1": 0x0311}
CIPHERS = {"AES-128-CCM": 1, "AES-128-GCM": 2, "AES-256-CCM": 3, "AES-256-GCM": 4}
SIGNING = {"HMAC-SHA256": 0, "AES-CMAC": 1, "AES-GMAC": 2}
_NETBIOS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,14}")
_TABLES = (
    "summary",
    "host",
    "windows",
    "smb",
    "quirks",
    "accounts",
    "shares",
    "files",
    "processes",
    "connections",
    "services",
    "answers",
)


def load(name_or_path: str) -> Scenario:
    """Read a scenario by its name, or a file of the user's own by its path (`*.toml`).

    Raises:
        UsageError: No scenario has that name.
        InputFileError: The file cannot be read, or says what it may not; names file and key.
    """
    values = _files.merged(name_or_path)
    for key in values:
        if key not in _TABLES:
            msg = f"{name_or_path}: unknown key {key!r} (allowed: {', '.join(_TABLES)})"
            raise InputFileError(msg)
    summary = values["summary"]
    if not isinstance(summary, str):
        msg = f"{name_or_path}: summary: must be text, not {summary!r}"
        raise InputFileError(msg)

    def one(kind: type[T], key: str) -> T:
        return record(kind, values[key], f"{name_or_path}: {key}")

    def entries(kind: type[T], key: str) -> dict[str, T]:
        return _entries(kind, values[key], f"{name_or_path}: {key}")

    windows = one(Windows, "windows")
    _check_code_page(windows.code_page, f"{name_or_path}: windows.code_page")
    processes = entries(ProcessTable, "processes")
    tree = tree_of(values["files"], f"{name_or_path}: files")
    scenario = Scenario(
        name=name_or_path,
        summary=summary,
        host=one(HostTable, "host"),
        windows=windows,
        smb=_policy(one(SmbTable, "smb")),
        quirks=one(Quirks, "quirks"),
        accounts=entries(AccountTable, "accounts"),
        shares=_shares(entries(ShareTable, "shares")),
        tree=tree,
        processes=with_images(processes, tree),
        connections=tuple(
            _connection(connection, f"{name_or_path}: connections.{key}")
            for key, connection in entries(ConnectionTable, "connections").items()
        ),
        services=entries(ServiceTable, "services"),
        answers=_answers(entries(AnswerTable, "answers"), windows.code_page),
    )
    _check_host(scenario)
    _check_references(scenario)
    return scenario


def _entries(kind: type[T], values: object, where: str) -> dict[str, T]:
    return {
        key: record(kind, value, f"{where}.{key}")
        for key, value in table(values, where).items()
        if value is not False
    }


def _policy(smb: SmbTable) -> SmbPolicy:
    return SmbPolicy(
        dialects=tuple(DIALECTS[name] for name in smb.dialects),
        ciphers=tuple(CIPHERS[name] for name in smb.ciphers),
        signing=tuple(SIGNING[name] for name in smb.signing),
        requires_signing=smb.requires_signing,
        requires_encryption=smb.requires_encryption,
    )


def _shares(shares: dict[str, ShareTable]) -> tuple[Share, ...]:
    return tuple(
        Share(name, share.folder, share.comment, share.kind, share.admin_only)
        for name, share in shares.items()
    )


def _answers(answers: dict[str, AnswerTable], code_page: int) -> dict[str, Answer]:
    return {
        name.lower(): Answer(
            answer.text.replace("\n", "\r\n").encode(f"cp{code_page}", "replace"),
            answer.times,
            answer.stays_s,
            answer.exit_code,
        )
        for name, answer in answers.items()
    }


def _connection(connection: ConnectionTable, where: str) -> Connection:
    remote = None if connection.remote is None else _endpoint(connection.remote, where)
    usual = "" if connection.protocol == "UDP" else "LISTENING" if remote is None else "ESTABLISHED"
    return Connection(
        protocol=connection.protocol,
        local=_endpoint(connection.local, where),
        remote=remote,
        state=usual if connection.state is None else connection.state,
        process=connection.process,
        age_s=connection.age_s,
        times=connection.times,
    )


def _endpoint(text: str, where: str) -> tuple[str, int]:
    """`192.0.2.1:80`, `[::1]:80`, `own:*` as address and port."""
    address, colon, port = text.rpartition(":")
    number = 0 if port == "*" else int(port) if port.isdecimal() else -1
    if not colon or not address or not 0 <= number <= 65535:
        msg = f"{where}: {text!r} is no endpoint (such as 192.0.2.1:80, [::]:135, own:*)"
        raise InputFileError(msg)
    return address.removeprefix("[").removesuffix("]"), number


def _check_code_page(code_page: int, where: str) -> None:
    try:
        codecs.lookup(f"cp{code_page}")
    except LookupError as error:
        msg = f"{where}: Python knows no code page {code_page}"
        raise InputFileError(msg) from error


def _check_host(scenario: Scenario) -> None:
    if _NETBIOS_NAME.fullmatch(scenario.host.name) is None:
        msg = f"{scenario.name}: host.name: {scenario.host.name!r} is no NetBIOS name"
        raise InputFileError(msg)
    if not scenario.accounts:
        msg = f"{scenario.name}: accounts: there must be one"
        raise InputFileError(msg)


def _check_references(scenario: Scenario) -> None:
    """Every key that an entry names must be there; a parent before its children."""
    earlier: set[str] = {""}
    for key, process in scenario.processes.items():
        if process.parent not in earlier:
            msg = f"{scenario.name}: processes.{key}: no process {process.parent!r} before it"
            raise InputFileError(msg)
        earlier.add(key)
    owners = [("connections", connection.process) for connection in scenario.connections]
    owners += [(f"services.{key}", service.process) for key, service in scenario.services.items()]
    for where, owner in owners:
        if owner is not None and owner not in scenario.processes:
            msg = f"{scenario.name}: {where}: there is no process {owner!r}"
            raise InputFileError(msg)
