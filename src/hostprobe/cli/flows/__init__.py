"""Listings of flows in, rows or a ranking of them out."""
