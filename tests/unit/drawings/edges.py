"""Edges to be drawn."""

from dataclasses import replace
from typing import Final

from hostprobe.analysis.edges import Edge

EDGE: Final = Edge(
    client="10.0.0.5",
    client_name="PC5",
    client_status="answered",
    client_process="chrome.exe",
    server="10.0.0.1",
    server_name="WEB1",
    server_status="answered",
    server_process="w3wp.exe",
    port=443,
    service="https",
    connections=3,
    clients=1,
    servers=1,
    states=("ESTABLISHED", "TIME_WAIT"),
    seen_from="both",
    server_by="listener",
    note=None,
)
OUTSIDER: Final = replace(
    EDGE,
    server="203.0.113.17",
    server_name=None,
    server_status="not_asked",
    server_process=None,
    seen_from="client",
    note="server not asked; direction guessed",
)
FAILED: Final = replace(OUTSIDER, server="sql1", server_status="failed", port=1433)
AMBIGUOUS: Final = replace(OUTSIDER, server="10.0.0.9", server_status="ambiguous", port=445)

HOSTILE: Final = (
    "</text></svg><script>alert(1)</script>",
    '"]; evil [label="x',
    r"C:\N\n\G\l\\",
    "&lt;b&gt; &amp; ' \" <!-- -->",
    "a\u202eexe.txt\x1b[31m\x00\r\n",
    "x" * 5000,
    "日本語のとても長い名前のプログラムでまだまだ続くサーバー監視サービス.exe",
    "\ud800\ufffe]]>",
)


def hostile() -> list[Edge]:
    """One edge for each text, which stands wherever a host's text can stand."""
    return [
        replace(
            EDGE,
            client=text,
            client_name=text,
            client_process=text,
            server=f"{text}1",
            server_name=text,
            server_process=text,
            states=(text,),
        )
        for text in HOSTILE
    ]
