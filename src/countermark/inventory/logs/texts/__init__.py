"""Readers of lines of text: each module knows one way in which requests are written on a line."""
