"""The program under test, run as a user runs it, and what it said."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.beds.bed import Bed


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run of hostprobe said."""

    exit_code: int
    stdout: str
    stderr: str

    def records(self, kind: str) -> list[dict[str, object]]:
        """The JSON objects of that kind."""
        return [record for record in json.loads(self.stdout) if record["record"] == kind]

    @property
    def host(self) -> dict[str, object]:
        """The one record about the one target."""
        (record,) = self.records("host")
        return record

    @property
    def error_kind(self) -> object:
        """The kind of the target's error."""
        error = self.host["error"]
        assert isinstance(error, dict)
        return error["kind"]


@dataclass(frozen=True, slots=True)
class Hostprobe:
    """The program under test, as a user starts it."""

    bed: Bed
    folder: Path

    def environment(self, password: str | None = None) -> dict[str, str]:
        """Its environment variables: the account, and files of its own."""
        return os.environ | {
            "HOSTPROBE_USERNAME": self.bed.username,
            "HOSTPROBE_PASSWORD": self.bed.password if password is None else password,
            "HOSTPROBE_AUDIT_LOG": str(self.folder / "audit.jsonl"),
            "HOSTPROBE_STATE_DIR": str(self.folder / "state"),
            "HOSTPROBE_ALIASES": str(self.folder / "aliases"),
        }

    def start(
        self, *arguments: str, password: str | None = None, stdin: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start `hostprobe ARGUMENTS` with nobody at the keyboard; `stdin` is what it reads."""
        with Path(stdin or os.devnull).open("rb") as typed:
            return subprocess.Popen(  # noqa: S603  # the program under test
                [sys.executable, "-m", "hostprobe", *arguments],
                cwd=self.folder,
                env=self.environment(password),
                stdin=typed,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )

    def answer(self, program: subprocess.Popen[bytes], *, timeout_s: float = 100) -> Answer:
        """Wait for its end; what it said."""
        with program:
            try:
                stdout, stderr = program.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                program.kill()
                raise
        return self.checked(Answer(program.returncode, stdout.decode(), stderr.decode()))

    def checked(self, answer: Answer) -> Answer:
        """The answer, which must hide the password and the program's inner workings."""
        assert self.bed.password not in answer.stdout + answer.stderr
        assert "Traceback" not in answer.stderr
        return answer

    def __call__(
        self,
        command: str,
        *arguments: str,
        port: int | None = None,
        password: str | None = None,
        form: str = "json",
    ) -> Answer:
        """Run `hostprobe COMMAND 127.0.0.1 ARGUMENTS` against the bed."""
        where = ("127.0.0.1", "--smb-port", str(port or self.bed.port), "-f", form)
        return self.answer(self.start(command, *where, *arguments, password=password))
