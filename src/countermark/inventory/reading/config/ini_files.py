"""INI files and their kin: ``.ini``, ``.cfg``, ``.conf``; supervisor and systemd units among them.

Source: configparser of the standard library; systemd.syntax(7), systemd.exec(5); supervisord's documentation.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from countermark.inventory.reading.config.command_lines import lines as command_lines
from countermark.inventory.reading.config.dotenv import settled
from countermark.inventory.reading.config.entries import Writer
from countermark.inventory.reading.config.placeholders import interpolated
from countermark.inventory.reading.config.remarks import COMMENTED_OUT
from countermark.inventory.reading.config.starting import start
from countermark.inventory.reading.config.trees import Mapping, Scalar
from countermark.inventory.reading.expressions import Assignment, Command, Document, Expression

SECTION = re.compile(r"\s*\[([^\]\n]*)\]")
PAIR = re.compile(r"(\s*)([^\s=:#;\[][^=:]*?)\s*[=:]\s*(.*)$")
DIRECTIVE = re.compile(r"(\s*)([^\s=#;\[][^=]*?)\s*=\s*(.*)$")
COMMENTED = re.compile(r"\s*[#;]+\s*([A-Za-z_][\w.\-]*)\s*[=:]\s*(\S+)\s*$")
INLINE = re.compile(r"\s[#;].*$")
UNITS = (".service", ".container", ".pod", ".timer", ".socket", ".target", ".slice", ".conf")
STARTED = ("ExecStart", "ExecStartPre", "ExecStartPost", "Exec")
WORD = re.compile(r"""(?:[^\s"']++|"(?:[^"\\]++|\\.)*+"|'(?:[^'\\]++|\\.)*+')++""")
SUPERVISED = re.compile(r"(?:program|eventlistener|fcgi-program|group|supervisord)(?::(.*))?")
VARIABLE = re.compile(r"%\(ENV_(\w+)\)s")
"""A variable, as supervisor writes it."""
OPENED = re.compile(r"""([A-Za-z_]\w*)=("(?:[^"\\]++|\\.)*+"|'(?:[^'\\]++|\\.)*+'|[^,\s]*)""")


@dataclass(slots=True)
class _Line:
    section: str
    key: str
    value: str
    line: int
    off: str = ""


def read(path: str, text: str) -> Document:
    """The values of a file by section and key; of a unit or a supervised program what it starts, and how."""
    pairs = sorted(
        _pairs(text, directives=posixpath.basename(path).endswith(UNITS[:2])), key=attrgetter("line")
    )
    sections = {pair.section for pair in pairs}
    if sections & {"Service", "Container"} and sections & {"Unit", "Service", "Install", "Container"}:
        return _unit(path, pairs)
    document = Document(path, "ini")
    if any(SUPERVISED.fullmatch(section) for section in sections):
        _supervisor(document, pairs)
    root = Mapping([], 1)
    tables: dict[str, Mapping] = {"": root}
    writer = Writer(document)
    for pair in pairs:
        if pair.off:
            where = tuple(part for part in (pair.section,) if part)
            writer.entry((*where, pair.key), Scalar(pair.value, pair.line), COMMENTED_OUT)
            continue
        if pair.section not in tables:
            tables[pair.section] = Mapping([], pair.line)
            root.items.append((pair.section, pair.line, tables[pair.section]))
        tables[pair.section].items.append((pair.key, pair.line, Scalar(pair.value, pair.line)))
    writer.add(root)
    return document


def _pairs(text: str, *, directives: bool) -> Iterator[_Line]:
    """Every key with its section; values go on on lines that are indented, or behind a backslash."""
    section = ""
    last: _Line | None = None
    indent = 0
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if not bare:
            continue
        if bare[0] in "#;":
            if found := COMMENTED.match(line):
                yield _Line(section, found[1], found[2].strip("\"'"), number, COMMENTED_OUT)
        elif last is not None and (last.value.endswith("\\") or len(line) - len(line.lstrip()) > indent):
            last.value = f"{last.value.removesuffix(chr(92)).rstrip()}\n{bare}"
        elif found := SECTION.match(line):
            yield from _given(last)
            last = None
            section = found[1].strip()
        else:
            yield from _given(last)
            last = None
            found = (DIRECTIVE if directives else PAIR).match(line)
            if found:
                last = _Line(section, found[2].strip("\"'"), INLINE.sub("", found[3]).strip(), number)
                indent = len(found[1])
    yield from _given(last)


def _given(last: _Line | None) -> Iterator[_Line]:
    if last is not None:
        if len(last.value) > 1 and last.value[0] == last.value[-1] and last.value[0] in "\"'":
            last.value = last.value[1:-1]
        yield last


def _unit(path: str, pairs: list[_Line]) -> Document:
    document = Document(path, "systemd")
    scope = f"systemd:{posixpath.splitext(posixpath.basename(path))[0]}"
    image = next((p.value for p in pairs if p.key == "Image" and not p.off), "")
    for pair in pairs:
        if pair.key == "Environment":
            for word in WORD.findall(pair.value):
                name, sign, value = _unquoted(word).partition("=")
                if sign:
                    given = interpolated(_unquoted(value), pair.line)
                    document.assignments.append(Assignment(name, given, pair.line, scope, pair.off))
        elif pair.key == "EnvironmentFile" and not pair.off:
            document.reads.append((pair.value.lstrip("-"), scope))
        elif pair.key in STARTED:
            _started(document, pair, scope, image)
    document.assignments = settled(document.assignments)
    return document


def _started(document: Document, pair: _Line, scope: str, image: str) -> None:
    text = pair.value.lstrip("-@:+!").replace("\n", " ")
    for line in command_lines(text, pair.line):
        if line.words:
            if image:
                document.commands.append(Command(tuple(line.words), pair.line, scope, image, pair.off))
            else:
                start(document, line.words, pair.line, scope, pair.off)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _supervisor(document: Document, pairs: list[_Line]) -> None:
    for pair in pairs:
        found = SUPERVISED.fullmatch(pair.section)
        if not found:
            continue
        scope = f"supervisor:{found[1] or pair.section}"
        off = pair.off or _not_started(pairs, pair.section)
        if pair.key == "command":
            for line in command_lines(VARIABLE.sub(r"${\1}", pair.value.replace("\n", " ")), pair.line):
                if line.words:
                    start(document, line.words, pair.line, scope, off)
        elif pair.key == "environment":
            for name, value in OPENED.findall(pair.value):
                given = _supervised(_unquoted(value), pair.line)
                document.assignments.append(Assignment(name, given, pair.line, scope, off))


def _supervised(text: str, line: int) -> Expression:
    return interpolated(VARIABLE.sub(r"${\1}", text), line)


def _not_started(pairs: list[_Line], section: str) -> str:
    values = {p.key: p.value.lower() for p in pairs if p.section == section and not p.off}
    never = values.get("autostart") == "false" and values.get("autorestart") != "true"
    return "autostart=false beside it" if never else ""
