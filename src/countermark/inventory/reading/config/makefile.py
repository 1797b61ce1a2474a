"""Makefiles and Procfiles: variables, and the commands that a target or a process starts.

Source: GNU make manual, chapters 5 and 6; Heroku's Procfile format.
"""

from __future__ import annotations

import re

from countermark.inventory.reading.config.command_lines import lines, put_in
from countermark.inventory.reading.config.placeholders import interpolated
from countermark.inventory.reading.config.remarks import COMMENTED_OUT
from countermark.inventory.reading.config.starting import start
from countermark.inventory.reading.expressions import (
    Assignment,
    Document,
    Entry,
    Env,
    Expression,
    Join,
    Text,
)

MAX_COMMANDS = 5_000
VARIABLE = re.compile(
    r"[ ]*(export[ \t]+|override[ \t]+)*([A-Za-z_][\w.-]*)[ \t]*(::?=|\?=|\+=|=)[ \t]*(.*)$"
)
COMMENTED = re.compile(r"\s*#+\s*(?:export[ \t]+)?([A-Za-z_]\w*)\s*[?:]?=\s*(\S+)\s*$")
TARGET = re.compile(r"([\w./%$(){} -]+?)\s*::?(?!=)")
REFERENCE = re.compile(r"\$(?:\(([A-Za-z_][\w.-]*)\)|\{([A-Za-z_][\w.-]*)\}|\$)")
PROCESS = re.compile(r"([A-Za-z0-9_-]+)\s*:\s*(.+)$")


def read(path: str, text: str) -> Document:
    """What a Makefile says. Variables are entries ``("make", name)``; exported ones are assignments too."""
    document = Document(path, "shell")
    known: dict[str, Expression] = {}
    target = ""
    for line, logical in _logical(text):
        if logical[:1] == "\t":
            _recipe(document, logical.strip().lstrip("@-+"), line, target, known)
        elif found := VARIABLE.match(logical):
            _variable(document, found, line, known)
        elif found := COMMENTED.match(logical):
            document.entries.append(Entry(("make", found[1]), Text(found[2], line), line, COMMENTED_OUT))
        elif found := TARGET.match(logical):
            target = found[1].split()[0] if found[1].split() else ""
            own = VARIABLE.match(logical[found.end() :].lstrip())
            if own:
                _variable(document, own, line, {})
    return document


def _logical(text: str) -> list[tuple[int, str]]:
    """Lines with those that a backslash continues, the break kept as a space."""
    out: list[tuple[int, str]] = []
    held = ""
    first = 0
    for number, line in enumerate(text.split("\n"), 1):
        first = first or number
        if line.endswith("\\"):
            held += line[:-1].rstrip() + " " if held else line[:-1] + " "
            continue
        out.append((first, held + (line.lstrip() if held else line)))
        held, first = "", 0
    if held:
        out.append((first, held))
    return out


def _variable(document: Document, found: re.Match[str], line: int, known: dict[str, Expression]) -> None:
    text = re.sub(r"\s+#.*$", "", found[4]).strip()
    given = _value(text, line, known)
    name = found[2]
    value = Env(name, line, given) if found[3] == "?=" else given
    if found[3] == "+=":
        return
    known[name] = value
    document.entries.append(Entry(("make", name), given, line))
    if (found[1] or "").startswith("export"):
        document.assignments.append(Assignment(name, value, line, "make:"))


def _value(text: str, line: int, known: dict[str, Expression]) -> Expression:
    """A text in which ``$(X)`` is a variable of make, ``$$`` a dollar for the shell."""
    parts: list[Expression] = []
    at = 0
    for found in REFERENCE.finditer(text):
        if found.start() > at:
            parts.append(Text(text[at : found.start()], line))
        name = found[1] or found[2]
        parts.append(known.get(name, Env(name, line)) if name else Text("$", line))
        at = found.end()
    if at < len(text) or not parts:
        parts.append(Text(text[at:], line))
    return parts[0] if len(parts) == 1 else Join(tuple(parts), line)


def _recipe(document: Document, text: str, line: int, target: str, known: dict[str, Expression]) -> None:
    """``$(X)`` becomes ``${X}``, which the words of a command are read with."""
    if len(document.commands) > MAX_COMMANDS:
        return
    plain = REFERENCE.sub(lambda found: f"${{{found[1] or found[2]}}}" if found[1] or found[2] else "$", text)
    for each in lines(plain, line):
        words = tuple(put_in(word, known) for word in each.words)
        if words:
            start(document, words, line, f"make:{target}")


def read_procfile(path: str, text: str) -> Document:
    """The processes of a Procfile."""
    document = Document(path, "shell")
    for number, line in enumerate(text.split("\n"), 1):
        off = COMMENTED_OUT if line.lstrip().startswith("#") else ""
        found = PROCESS.match(line.lstrip("# \t") if off else line)
        if not found or len(document.commands) > MAX_COMMANDS:
            continue
        for each in lines(found[2], number):
            if each.words and (not off or len(each.words) > 1):
                start(document, each.words, number, f"process:{found[1]}", off)
            for name, value in each.variables if not off else ():
                document.assignments.append(Assignment(name, value, number, f"process:{found[1]}"))
    return document


def read_modelfile(path: str, text: str) -> Document:
    """The model that an Ollama Modelfile is made from.

    Source: Ollama, Modelfile reference.
    """
    document = Document(path, "shell")
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r"\s*(#\s*)?(FROM|ADAPTER)\s+(\S+)\s*$", line, re.IGNORECASE)
        if found:
            key = "model" if found[2].upper() == "FROM" else "adapter"
            off = COMMENTED_OUT if found[1] else ""
            value = interpolated(found[3], number)
            document.entries.append(Entry(("Modelfile", key), value, number, off))
    return document
