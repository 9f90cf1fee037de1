"""TLS: how far the handshake came, and what alert ended it.

Source: RFC 8446 4 (handshake), 5.1 (records), 6 (alerts); RFC 5246 the same of TLS 1.2.
"""

from dataclasses import dataclass
from typing import Final

from hostprobe.analysis.verdict._side import Mark
from hostprobe.evidence.capture import Frame

ALERTS: Final = {
    10: "unexpected_message",
    20: "bad_record_mac",
    40: "handshake_failure",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    109: "missing_extension",
    112: "unrecognized_name",
    116: "certificate_required",
    120: "no_application_protocol",
}
_HARMLESS: Final = frozenset({0, 90})  # close_notify, user_canceled
_WARNING: Final = "1"
_APPLICATION, _CHANGE, _ALERT = "23", "20", "21"


@dataclass(slots=True)
class Tls:
    """What was seen of TLS in a conversation.

    Attributes:
        client_hello: Where it began.
        server_hello: The answer to it.
        alert: The first that ends a connection, with its number, and whether the client sent it.
        is_warning: The alert only warns: it ended nothing where the handshake went on.
        client_data: Where the client first sent what is encrypted.
        server_data: As `client_data`.
        client_before: How many bytes the client had sent when the server answered its ClientHello.
        server_before: As many of the server when the client first sent what is encrypted.
    """

    client_hello: Mark | None = None
    server_hello: Mark | None = None
    alert: Mark | None = None
    alert_number: int = 0
    alert_from_client: bool = False
    is_warning: bool = False
    client_data: Mark | None = None
    server_data: Mark | None = None
    records: int = 0
    client_before: int | None = None
    server_before: int | None = None

    @property
    def is_done(self) -> bool:
        """Whether both sides have sent what only the end of a handshake allows."""
        return self.client_data is not None and self.server_data is not None

    def take(self, frame: Frame, *, from_client: bool) -> None:
        """Learn what a frame with records says."""
        kinds = frame.fields["tls.record.content_type"]
        here = Mark(frame.number, frame.at)
        self.records += len(kinds)
        hellos = frame.fields.get("tls.handshake.type", ())
        if "1" in hellos:
            self.client_hello = self.client_hello or here
        if "2" in hellos:
            self.server_hello = self.server_hello or here
        if _APPLICATION in kinds or _CHANGE in kinds:
            self._sealed(here, from_client=from_client)
        self._alert(frame, here, from_client=from_client)

    def _sealed(self, here: Mark, *, from_client: bool) -> None:
        if from_client:
            self.client_data = self.client_data or here
        else:
            self.server_data = self.server_data or here

    def _alert(self, frame: Frame, here: Mark, *, from_client: bool) -> None:
        levels = frame.fields.get("tls.alert_message.level", ())
        for place, text in enumerate(frame.fields.get("tls.alert_message.desc", ())):
            number = int(text)
            if number in _HARMLESS or (self.alert and not self.is_warning):
                continue
            self.alert, self.alert_number = here, number
            self.alert_from_client = from_client
            self.is_warning = levels[place : place + 1] == (_WARNING,)
