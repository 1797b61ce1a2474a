"""Readers of one JSON record or table row: each module knows one kind of log."""
