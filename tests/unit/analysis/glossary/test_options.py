"""The options, as the reference of the command line has them."""

from hostprobe.analysis.glossary import options

OPTIONS = {entry.term: entry for entry in options.KIND.entries()}


def test_option_of_one_command() -> None:
    """An option is told with its command, and its names only where they say more."""
    assert OPTIONS["--stuck"].of == "hostprobe mail log"
    assert OPTIONS["--stuck"].meaning.startswith("only sessions")
    assert OPTIONS["--by"].meaning.startswith("--by A,B: not the sessions")


def test_option_of_many_commands() -> None:
    """What many commands have is told once, with how many they are."""
    timeout = [entry for entry in options.KIND.entries() if entry.term == "--connect-timeout"]

    assert len(timeout) == 1
    assert "other commands" in (timeout[0].of or "")


def test_names() -> None:
    """Each long name is one; a letter is so only behind the word option, as flags are letters."""
    assert OPTIONS["--kerberos"].also == ("--no-kerberos", "option -k")
    assert "--help" not in OPTIONS
