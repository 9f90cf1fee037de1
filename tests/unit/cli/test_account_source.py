"""Where an account and its password come from, as the doctor says it."""

import pytest

from hostprobe.cli.account_source import origin
from hostprobe.cli.credentials import Login
from hostprobe.inventory.credentials import Credentials, Proof, Ticket


@pytest.mark.parametrize(
    ("proof", "user_from", "proof_from", "told"),
    [
        ("s3cret", "-u", "HOSTPROBE_PASSWORD", "ops (-u), password from HOSTPROBE_PASSWORD"),
        ("s3cret", "profile work", "file p", "ops (profile work), password from the file p"),
        ("s3cret", "prompt", "prompt", "ops (prompt), password as typed"),
        (Ticket(), "ticket cache", "ticket cache", "ops (ticket cache), no password"),
    ],
)
def test_where_it_comes_from(proof: Proof, user_from: str, proof_from: str, told: str) -> None:
    """In words, and without the password."""
    assert origin(Login(Credentials("ops", proof), user_from, proof_from)) == told
