"""Python as text: its encoding, its comments, and the strings of what does not parse."""

from __future__ import annotations

import re

from countermark.inventory.reading.expressions import Context, Loose, Module, Text

CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
QUADRATIC = frozenset(["punycode", "idna"])
"""Encodings of host names: no file is written in them, and a large one takes hours."""
QUOTED = re.compile(r"""(["'])([^"'\\]{2,200})\1""")
STRING = re.compile(r"""(?<![\w"'])["']([^"'\\\n]{2,200})["'](?!["'])""")


def decode(data: bytes) -> str:
    """By byte-order mark and coding line, then UTF-8 with GB 18030 behind it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for line in data.split(b"\n", 2)[:2]:
        if found := CODING.match(line):
            try:
                name = found[1].decode("ascii")
                if name.lower() not in QUADRATIC:
                    return data.decode(name, "replace").removeprefix("\ufeff")
            except (LookupError, ValueError):
                break
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def add_strings(module: Module, text: str) -> None:
    """The quoted strings of text that does not parse."""
    for number, line in enumerate(text.split("\n"), 1):
        module.loose += [Loose(Text(found[1], number), ()) for found in STRING.finditer(line)]


def add_comments(module: Module, text: str) -> None:
    """Strings in comments: code that was switched off."""
    where = frozenset([Context.COMMENT])
    for number, line in enumerate(text.split("\n"), 1):
        at = line.find("#")
        if at < 0 or (line[:at].strip() and line[:at].count('"') % 2 + line[:at].count("'") % 2):
            continue
        for found in QUOTED.finditer(line, at):
            module.loose.append(Loose(Text(found[2], number), (), where))
