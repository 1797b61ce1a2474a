"""Text of unknown encoding, as Chinese authorities and spreadsheets write it."""

from __future__ import annotations

import codecs

from countermark.inventory.register.importing.grids import UnreadableError


def text_of(data: bytes) -> str:
    """By byte-order mark, then UTF-8, then GB 18030.

    Raises:
        UnreadableError: it is none of them.
    """
    names: tuple[str, ...] = ("utf-8", "gb18030")
    if data.startswith(codecs.BOM_UTF8):
        names = ("utf-8-sig",)
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        names = ("utf-16",)
    for name in names:
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise UnreadableError("not text in UTF-8, UTF-16 or GB 18030")
