"""The findings of `verdict`, as the glossary tells them without a capture."""

from hostprobe.analysis.glossary import Entry, verdict_rules

RULES = {entry.term: entry for entry in verdict_rules.KIND.entries()}


def test_rule() -> None:
    """A finding is told with its layer, its threshold, where to look and where not to."""
    rule: Entry = RULES["window"]

    assert rule.of == "application, layer 7"
    assert "Look next: The <who>'s program" in (rule.advice or "")
    assert (rule.advice or "").endswith(" Not at: switch ports, NICs, cabling.")
    assert "2 s" in (rule.threshold or "")


def test_holes() -> None:
    """What only a capture can say is in angle brackets, or left out as it may be empty."""
    assert RULES["healthy"].meaning.startswith("All is well. What was asked was answered, and")
    assert RULES["no_reply"].meaning.endswith("nothing came in <waited>, then <until>.")
    assert RULES["too_short"].of == "cannot judge"
    assert "To <request> it said: <reply>. " in RULES["refused_for_good"].meaning


def test_headlines() -> None:
    """A headline is a way to write its finding, as it is printed, and its first sentence too."""
    said = "The server's program says nothing."

    assert {said, f"{said} Layers 3 and 4 are healthy."} <= set(RULES["no_reply"].also)
    assert "The client stopped reading." in RULES["window"].also
    assert RULES["tls_alert"].also == ("TLS failed", "TLS failed.")
