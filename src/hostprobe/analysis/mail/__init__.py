"""Conclusions from a mail server's protocol log."""
