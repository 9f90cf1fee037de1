"""Accounts are found as Windows finds them, and keep their secret."""

from hostprobe.lab.machine.accounts import Account, Accounts


def test_a_name_is_found_in_any_case() -> None:
    """Account names compare without case."""
    account = Account("Administrator", "secret")
    assert Accounts([account]).get("ADMINISTRATOR") is account


def test_a_stranger_is_not_found() -> None:
    """An unknown name has no account."""
    assert Accounts([Account("Administrator", "secret")]).get("guest") is None


def test_the_password_is_not_shown() -> None:
    """The text form of an account does not tell its password."""
    assert "secret" not in repr(Account("Administrator", "secret"))
