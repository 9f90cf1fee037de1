"""Reports of nmap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.errors import InputFileError
from hostprobe.inventory.nmap_xml import hosts_up

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<?xml-stylesheet href="file:///usr/share/nmap/nmap.xsl" type="text/xsl"?>
<!-- Nmap 7.94 scan initiated as: nmap -oX scan.xml 10.1.0.0/24 -->
<nmaprun scanner="nmap" args="nmap -p 445 -oX scan.xml 10.1.0.0/24" xmloutputversion="1.05">
<scaninfo type="syn" protocol="tcp" numservices="1" services="445"/>
<hosthint><status state="up" reason="arp-response" reason_ttl="0"/>
<address addr="10.1.0.99" addrtype="ipv4"/><hostnames></hostnames></hosthint>
"""
TAIL = """<runstats><finished time="1700000000"/><hosts up="2" down="254" total="256"/></runstats>
</nmaprun>
"""


def _host(address: str, *, state: str = "up", ports: str = "") -> str:
    kind = "ipv6" if ":" in address else "ipv4"
    return (
        f'<host starttime="1"><status state="{state}" reason="syn-ack" reason_ttl="64"/>\n'
        f'<address addr="{address}" addrtype="{kind}"/>\n'
        '<address addr="00:0C:29:AA:BB:CC" addrtype="mac" vendor="VMware"/>\n'
        f'<hostnames><hostname name="pc.corp.example" type="PTR"/></hostnames>{ports}</host>\n'
    )


def _port(number: int, state: str, protocol: str = "tcp") -> str:
    inner = f'<state state="{state}" reason="x" reason_ttl="128"/><service name="microsoft-ds"/>'
    return f'<port protocol="{protocol}" portid="{number}">{inner}</port>'


def _found(*hosts: str) -> list[str]:
    return [address for _, address in hosts_up(HEAD + "".join(hosts) + TAIL, "'scan.xml'")]


def test_a_ping_scan_gives_the_hosts_that_are_up() -> None:
    """Without ports every host that is up is one; hints, hardware addresses and names are none."""
    hosts = _host("10.1.0.1"), _host("10.1.0.2", state="down"), _host("fd00::7")

    assert _found(*hosts) == ["10.1.0.1", "fd00::7"]


@pytest.mark.parametrize(
    ("ports", "asked"),
    [
        (_port(445, "open"), True),
        (_port(139, "closed") + _port(445, "open") + _port(3389, "closed"), True),
        (_port(445, "filtered"), False),
        (_port(445, "closed") + _port(139, "open"), False),
        (_port(445, "open", "udp"), False),
        ('<extraports state="closed" count="1000"/>', False),
        ("", False),
    ],
)
def test_a_port_scan_gives_the_hosts_with_smb(ports: str, *, asked: bool) -> None:
    """Where ports were asked for, 445/tcp has to be open."""
    host = _host("10.1.0.1", ports=f"<ports>{ports}</ports>")

    assert _found(host, _host("10.1.0.2", ports=f"<ports>{_port(445, 'open')}</ports>")) == [
        *(["10.1.0.1"] if asked else []),
        "10.1.0.2",
    ]


def test_the_line_of_each_host_is_told() -> None:
    """A mistake in a report can be found in it."""
    [(line, _)] = hosts_up(HEAD + _host("10.1.0.1") + TAIL, "'scan.xml'")

    assert (HEAD + _host("10.1.0.1")).split("\n")[line - 1].endswith("</host>")


def test_what_a_report_says_of_its_encoding_does_not_matter() -> None:
    """PowerShell saves as UTF-16 what says that it is UTF-8; it is decoded by then."""
    head = HEAD.replace("UTF-8", "UTF-16")

    assert hosts_up(head + _host("10.1.0.1") + TAIL, "'scan.xml'")


def _billion_laughs() -> str:
    entities = ['<!ENTITY l0 "10.0.0.1">']
    entities += [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return f'<!DOCTYPE nmaprun [{"".join(entities)}]><nmaprun args="&l9;">&l9;</nmaprun>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (_billion_laughs(), "line 1: it declares entities"),
        ('<!DOCTYPE nmaprun SYSTEM "http://192.0.2.1/x.dtd" []><nmaprun/>', "declares"),
        ("<nmaprun>&x;</nmaprun>", "line 1: no whole XML document: undefined entity"),
        (HEAD + _host("10.1.0.1"), "no whole XML document: no element found"),
        (HEAD + "</host>", "line 9: no whole XML document: mismatched tag"),
        ("<html><body/></html>", "no report of nmap"),
        ("<nmaprun>" + "<host>" * 100, "no report of nmap"),
        (HEAD + '<host><status state="up"/></host>' + TAIL, "no IP address"),
        (HEAD + _host("10.0.0.0/8") + TAIL, "line 12: a host is up, but has no IP address"),
    ],
)
def test_what_is_no_whole_report_is_refused(text: str, reason: str) -> None:
    """No entity is expanded, no other file is read, and half a report is not taken for a whole."""
    with pytest.raises(InputFileError, match=rf"'scan\.xml', .*{reason}"):
        hosts_up(text, "'scan.xml'")


def test_another_file_that_the_type_names_is_not_read() -> None:
    """Some versions of nmap name their document type's file."""
    text = '<!DOCTYPE nmaprun SYSTEM "/no/such/nmap.dtd">' + HEAD.split("\n", 2)[2]

    assert hosts_up(text + _host("10.1.0.1") + TAIL, "'scan.xml'")


PIECES = [_host("10.1.0.1"), "<host>", "</host>", "<ports>", "x='y'", *"<>/&;'[]a"]


@given(st.lists(st.sampled_from(PIECES)))
def test_any_xml_is_a_report_or_an_error_of_ours(parts: list[str]) -> None:
    """Nothing but an error of ours comes out of a broken report."""
    text = "<nmaprun>" + "".join(parts) + "</nmaprun>"
    problem = ""
    try:
        found = hosts_up(text, "'scan.xml'")
    except InputFileError as error:
        problem = str(error)
    else:
        assert {address for _, address in found} <= {"10.1.0.1"}
    assert problem.isprintable()
