"""Readers: from the bytes of a file to what it says. One module for each language or format."""
