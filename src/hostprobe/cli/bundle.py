"""What a check-up measured and what the host answered, without names: one file to send to others.

A .zip with `report.json`, `answer.raw`, which `--from` reads, and a folder for each listing, laid
out as those in `tests/cases`: unpacked there, it is a test.
"""

import io
import json
import os
import platform
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Final

from hostprobe import snapshot
from hostprobe.analysis.checkup import Check, Step
from hostprobe.analysis.figures import figures
from hostprobe.analysis.findings import ahead
from hostprobe.analysis.redaction import Redactor
from hostprobe.cli.examination import Examination
from hostprobe.cli.report_cases import cases
from hostprobe.errors import InputFileError
from hostprobe.snapshot import About
from hostprobe.transport.addresses import address_in

_MOST_BYTES: Final = 2 << 20  # of a server with 12,000 connections
_NOT_SHOWN: Final = (
    "\nThe answer is not in it: too large, or too many names, to be made anonymous.\n"
)


def write_bundle(path: Path, made: Examination) -> None:
    """Write the file; nobody else may read it.

    Raises:
        InputFileError: It cannot be written.
    """
    _write(path, bundled(made))


def _write(path: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        msg = f"cannot write {str(path)!r}: {error.strerror}"
        raise InputFileError(msg) from error


def bundled(made: Examination) -> bytes:
    """The bytes of the file."""
    redactor = _redactor(made)
    about = snapshot.about(made.raw)
    is_shown = len(made.raw) <= _MOST_BYTES and not redactor.is_full
    raw = redactor.data(made.raw, about.code_page) if is_shown else b""
    members = {"report.json": _json(redactor.value(_report(made, about)))}
    if raw:
        members["answer.raw"] = raw
        members |= dict(cases(snapshot.about(raw), made.told.windows))
    readme = _readme(members, redactor) + ("" if is_shown else _NOT_SHOWN)
    members = {"README.txt": readme.encode(), **members}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in members.items():
            bundle.writestr(name, data)
    return buffer.getvalue()


def _redactor(made: Examination) -> Redactor:
    redactor, told = Redactor(), made.told
    if address_in(made.target) is None:
        redactor.learn("host", made.target.host, made.target.host.partition(".")[0])
    alias = made.target.alias or ""
    redactor.learn("host", alias, alias.partition(".")[0])
    redactor.learn("host", told.dns_name, told.name)
    if told.is_in_domain:
        redactor.learn("domain", told.dns_domain, told.domain)
    redactor.learn_account(made.username or made.hosts.username or "")
    redactor.learn("secret", made.password)
    redactor.learn_from(made.raw)
    return redactor


def _report(made: Examination, about: About) -> Mapping[str, object]:
    trail = made.trail
    told, apart = made.told, ahead(trail)
    return {
        "record": "report",
        "schema": 1,
        "hostprobe": metadata.version("hostprobe"),
        "python": platform.python_version(),
        "system": platform.system(),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "checks": [asdict(_anonymous(check)) for check in made.checks],
        "host": {
            "dialect": told.dialect,
            "cipher": told.cipher,
            "signing_required": told.signing_required,
            "write_bytes": told.write_bytes,
            "windows": told.windows,
            "is_in_domain": told.is_in_domain,
            "authentication": "ntlm" if told.has_challenged else "kerberos",
            "clock_ahead_s": apart.total_seconds() if apart is not None else None,
            "access": trail.access,
            "code_page": about.code_page,
            "powershell": about.powershell,
            "language_mode": about.language_mode,
        },
        "parts": {
            part.value: {"exit_code": known.exit_code, "bytes": len(known.output)}
            for part, known in about.parts.items()
        },
        "figures": asdict(figures(trail)),
        "steps": [[step, round(at_s, 4)] for step, at_s in trail.steps],
        "messages": [asdict(message) for message in trail.messages],
    }


def _anonymous(check: Check) -> Check:
    """The check without the account, and where its password comes from."""
    return replace(check, detail=None) if check.step is Step.ACCOUNT else check


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


def _readme(members: Mapping[str, bytes], redactor: Redactor) -> str:
    replaced = (f"  {count:6,}  {kind}" for kind, count in sorted(redactor.replaced.items()))
    files = (f"  {len(data):9,}  {name}" for name, data in members.items())
    return "\n".join(
        (
            "What `hostprobe doctor --report` measured on one host, and what the host answered.",
            "",
            "Look at it before you send it. Replaced by others of the same length are user names,",
            "host and domain names and IP addresses; of command lines only the program stays. No",
            "password is in it. What stays: names of programs, services, folders; versions, ports",
            "and times.",
            "",
            "Replaced, and how often:",
            *(replaced if redactor.replaced else ("  nothing",)),
            "",
            "Files, and their bytes:",
            *files,
            "",
            "`hostprobe connections --from answer.raw` reads the answer; the folders in cases/ are",
            "tests when they are copied into tests/cases of hostprobe's sources.",
            "",
        )
    )
