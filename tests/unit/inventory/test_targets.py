"""What a person types, and what hosts it names."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hostprobe.errors import InputFileError, TargetError, UsageError
from hostprobe.inventory.targets import Target, parse_target, read_targets


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("dc01", Target("dc01", 4450)),
        ("Geräte-PC_7.firma.example.", Target("Geräte-PC_7.firma.example.", 4450)),
        ("dc01:445", Target("dc01", 445)),
        (r"\\dc01", Target("dc01", 4450)),
        (r"\\10.1.2.3:1445", Target("10.1.2.3", 1445)),
        ("10.1.2.3", Target("10.1.2.3", 4450)),
        ("::1", Target("::1", 4450)),
        ("[::1]", Target("::1", 4450)),
        ("[fe80::1%eth0]:445", Target("fe80::1%eth0", 445)),
    ],
)
def test_a_host_is_read_in_every_usual_form(text: str, target: Target) -> None:
    """Names, addresses, UNC and ports are read; without a port the default one holds."""
    assert parse_target(text, 4450) == target


@pytest.mark.parametrize("text", ["dc01", "dc01:4450", "::1", "[::1]:4450"])
def test_a_target_is_shown_as_it_is_typed(text: str) -> None:
    """The port is shown where it is not the usual one, with brackets where they are needed."""
    assert str(parse_target(text)) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("\\\\", "empty"),
        (":445", "empty"),
        ("a..b", "part between dots"),
        ("a" * 64, "over 63 characters"),
        ("a." * 127 + "example", "at most 253"),
        ("-u", "hyphens inside"),
        ("dc*", "letters, digits"),
        ("dc01,dc02", "letters, digits"),
        ("dc 01", "blank or a control character"),
        ("dc01\x1b[2J", "blank or a control character"),
        ("dc01\u202e", "blank or a control character"),
        ("admin@dc01", "-u"),
        ("smb://dc01", "alone"),
        (r"\\dc01\c$", "alone"),
        ("10.0.0.0/24", "prefix length"),
        ("10.0.0.1-60", "range of addresses"),
        ("10.0.0.1-10.0.0.9", "IPv4"),
        ("10.1", "IPv4"),
        ("010.0.0.1", "IPv4"),
        ("1.2.3.256", "IPv4"),
        ("0x7f.1", "IPv4"),
        ("\uff110.0.0.\uff11", "IPv4"),
        ("1:2:3", "IPv6"),
        ("[::1", "IPv6"),
        ("[::1]445", "IPv6"),
        ("fe80::1%", "zone"),
        ("dc01:", "port"),
        ("dc01:0", "port"),
        ("dc01:65536", "port"),
        ("dc01:-1", "port"),
        ("dc01:" + "9" * 5000, "port"),
        ("[::1]:x", "port"),
    ],
)
def test_what_names_no_host_is_refused_with_the_reason(text: str, reason: str) -> None:
    """A text that is no host ends in one line that says why."""
    with pytest.raises(TargetError, match=reason):
        parse_target(text)


@given(st.text() | st.from_regex(r"[a-z0-9.:\[\]%\\-]{1,20}", fullmatch=True))
@example(".")
@example("\N{IDEOGRAPHIC FULL STOP}")
@example("a" * 100_000)
def test_any_text_is_a_target_or_one_short_printable_line(text: str) -> None:
    """Whatever is typed either names a host that can be typed again, or gives a clean error."""
    problem = ""
    try:
        target = parse_target(text)
    except TargetError as error:
        problem = str(error)
    else:
        assert parse_target(str(target)) == target
        assert target.host.encode("idna")
    assert problem.isprintable()
    assert len(problem) < 1200


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_list_is_read_as_any_editor_saves_it(tmp_path: Path, encoding: str) -> None:
    """Comments, blank lines, CRLF, a byte order mark and UTF-16 are all right in a list."""
    hosts = tmp_path / "hosts.txt"
    hosts.write_bytes("# Zürich\r\n\r\n dc01 # the first\r\n[::1]:4450\r\n".encode(encoding))

    targets = read_targets(["web01", f"@{hosts}"], default_port=445)

    assert targets == (Target("web01"), Target("dc01"), Target("::1", 4450))


def test_each_host_is_asked_once() -> None:
    """Case, a trailing dot and the spelling of an address make no second host; a port does."""
    texts = ["DC01", "dc01.", r"\\dc01", "dc01:445", "::1", "0:0::1", "dc01:446"]

    assert read_targets(texts) == (Target("DC01"), Target("::1"), Target("dc01", 446))


@pytest.mark.parametrize("line", ["dc 02", "@other.txt", "dc02:x"])
def test_a_bad_line_of_a_list_is_named(tmp_path: Path, line: str) -> None:
    """The error about a list says in which file and line it is."""
    hosts = tmp_path / "hosts.txt"
    hosts.write_text(f"dc01\n{line}\n")

    with pytest.raises(TargetError, match=r"hosts\.txt', line 2: "):
        read_targets([f"@{hosts}"])


def test_a_list_without_hosts_is_an_error(tmp_path: Path) -> None:
    """A list with nothing but comments is a mistake, not a run without hosts."""
    hosts = tmp_path / "hosts.txt"
    hosts.write_text("# none\n")

    with pytest.raises(TargetError, match="names no host"):
        read_targets([f"@{hosts}"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file"),
        (b"Z\xfcrich", "not UTF-8"),
    ],
    ids=["missing", "latin-1"],
)
def test_an_unreadable_list_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    """A missing or undecodable list gives one line that names the file."""
    hosts = tmp_path / "hosts.txt"
    if content is not None:
        hosts.write_bytes(content)

    with pytest.raises(InputFileError, match=rf"hosts\.txt'.*{reason}"):
        read_targets([f"@{hosts}"])


@given(st.binary(max_size=200))
def test_any_list_gives_targets_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """No content of a list raises anything but a usage error."""
    hosts = tmp_path_factory.mktemp("lists") / "hosts.txt"
    hosts.write_bytes(content)
    problem = ""
    try:
        assert read_targets([f"@{hosts}"])
    except UsageError as error:
        problem = str(error)
    assert problem.isprintable()


@pytest.mark.parametrize("text", ["CORP/ana:Secr3t@10.1.2.3", "ana:Secr3t@pc7", "a:Se@cr3t@pc7"])
def test_a_password_before_an_at_is_not_shown(text: str) -> None:
    """Impacket takes the account and its password there; here they are a mistake, and a secret."""
    with pytest.raises(TargetError, match="the account goes into -u") as caught:
        parse_target(text)
    assert "cr3t" not in str(caught.value)
