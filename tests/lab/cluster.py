"""A Dask cluster on loopback, with certificates of its own, and work for it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hostprobe.inventory.targets import Target
from hostprobe.sweep import Bell

PATIENCE_S = 30
_ROOT = Path(__file__).parents[2]
_DAY = timedelta(days=1)


def certificate(folder: Path) -> dict[str, str]:
    """Make one that is its own CA; the variables by which Dask finds it, whatever its role."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a cluster of hostprobe's tests")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - _DAY)
        .not_valid_after(datetime.now(UTC) + _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    prefix = "DASK_DISTRIBUTED__COMM__TLS"
    roles = {
        f"{prefix}__{role}__{part}": str(file)
        for role in ("CLIENT", "SCHEDULER", "WORKER")
        for part, file in (("CERT", cert_file), ("KEY", key_file))
    }
    return {f"{prefix}__CA_FILE": str(cert_file), **roles}


@dataclass(slots=True)
class LocalDask:
    """A scheduler and its workers, as processes of their own.

    Attributes:
        folder: Where they log, each to a file of its own, all there is to log.
        variables: For them and for the clients.
    """

    folder: Path
    variables: Mapping[str, str]
    scheme: str = "tls"
    address: str = ""
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Self:
        log = self.start("scheduler", f"{self.scheme}://127.0.0.1:0")
        self.address = _awaited(log, "Scheduler at:").split()[-1]
        return self

    def __exit__(self, *_error: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()

    def start(self, role: str, where: str, *options: str, name: str = "") -> Path:
        """Start a process until the end of the cluster; the file that it logs to."""
        log = self.folder / f"{name or role}.log"
        module = f"distributed.cli.dask_{role}"
        host = ("--host", where) if role == "scheduler" else (where,)
        with log.open("wb") as stream:
            process = subprocess.Popen(  # noqa: S603 - Dask's own programs
                [sys.executable, "-m", module, *host, "--no-dashboard", *options],
                cwd=_ROOT,
                env=os.environ
                | dict(self.variables)
                | {
                    "DASK_LOGGING__DISTRIBUTED": "debug",
                    "HOSTPROBE_STATE_DIR": str(self.folder / (name or role)),
                },
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        self._processes.append(process)
        return log

    def kill_scheduler(self) -> None:
        """End it with no time for a word."""
        self._processes[0].kill()

    def add_worker(self, name: str, *options: str, host: str = "127.0.0.1") -> None:
        """Start a worker of four threads."""
        threads = ("--nthreads", "4", "--memory-limit", "0")
        more = ("--no-nanny", "--host", f"{self.scheme}://{host}", "--local-directory")
        scratch = str(self.folder / f"{name}.scratch")
        log = self.start("worker", self.address, *threads, *more, scratch, *options, name=name)
        _awaited(log, "Registered to:")

    def logged(self) -> str:
        """All that was logged."""
        return "".join(log.read_text() for log in self.folder.glob("*.log"))


def _awaited(log: Path, text: str) -> str:
    """The line of a log that has the text."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for line in log.read_text().splitlines():
            if text in line:
                return line
        time.sleep(0.05)  # a poll: the process starts in its own time
    raise TimeoutError(log.read_text())


@contextmanager
def local_dask(
    folder: Path, variables: Mapping[str, str], scheme: str = "tls"
) -> Iterator[LocalDask]:
    """A cluster without workers."""
    with LocalDask(folder, variables, scheme) as dask:
        yield dask


def where(_target: Target) -> int:
    """In which process the work is done."""
    return os.getpid()


def hears(bell: Bell, _target: Target) -> bool:
    """Whether the bell rings."""
    return bell.wait(PATIENCE_S)


def is_rung(bell: Bell, _target: Target) -> bool:
    """Whether the bell has rung."""
    return bell.is_set()


def tells(file: Path, bell: Bell, _target: Target) -> None:
    """Write down that the work has begun, and whether the bell rings."""
    file.write_text("begun")
    file.write_text(f"rung: {bell.wait(PATIENCE_S)}")


def dies(file: Path, _target: Target) -> None:
    """Write a line, and end the worker."""
    with file.open("a") as stream:
        stream.write("begun\n")
    os._exit(3)


def fails(_target: Target) -> None:
    """Raise."""
    message = "no"
    raise ValueError(message)


def main() -> None:
    """Join a cluster, give it work that waits for its bell, and stay; a program of its own."""
    from hostprobe.sweep.cluster import connect  # noqa: PLC0415 - an extra

    address, file = sys.argv[1:]
    connect(address).submit(tells, Path(file), Bell(), Target("a")).result()
