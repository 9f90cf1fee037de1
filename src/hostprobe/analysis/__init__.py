"""One file for each conclusion from records; pure."""
