"""Characters by their number, as escapes in strings name them."""

from __future__ import annotations

END = 0x110000
SURROGATES = range(0xD800, 0xE000)
REPLACEMENT = "\ufffd"


def character(digits: str) -> str:
    """The character with a number in hexadecimal digits; the replacement character where it is none."""
    number = int(digits, 16)
    return chr(number) if number < END and number not in SURROGATES else REPLACEMENT
