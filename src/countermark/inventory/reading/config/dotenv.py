"""Files of environment variables: ``.env`` and its kin.

Source: the syntax that python-dotenv, dotenv for Node and ``env_file`` of Compose have in common.
"""

from __future__ import annotations

import re
from dataclasses import replace

from countermark.inventory.reading.config import switches
from countermark.inventory.reading.config.placeholders import interpolated
from countermark.inventory.reading.config.remarks import COMMENTED_OUT
from countermark.inventory.reading.expressions import Assignment, Document, Expression, Text

MAX_ASSIGNMENTS = 20_000
MAX_QUOTED_LINES = 200
ASSIGNED = re.compile(r"[ \t]*(?:export[ \t]+|set[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*(?:=|:[ \t])[ \t]*")
COMMENT = re.compile(r"[ \t]*(?:#|//)[#\s]*(?:export[ \t]+)?([A-Za-z_][\w.]*)=")
QUOTED = {sign: re.compile(rf"{sign}((?:[^{sign}\\]++|\\.)*+){sign}", re.DOTALL) for sign in "\"'`"}
ESCAPED = re.compile(r"\\([nrt\"'\\$])")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
SENTENCE = re.compile(r"\S[ \t]+\S")


def read(path: str, text: str, *, template: bool = False) -> Document:
    """The variables that a file sets, those that it sets twice or only in comments among them."""
    document = Document(path, "env")
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        if len(document.assignments) >= MAX_ASSIGNMENTS:
            document.trouble = f"more than {MAX_ASSIGNMENTS:,} variables: the rest was not read"
            break
        line = lines[at]
        found = ASSIGNED.match(line)
        if found:
            value, used = _value(lines, at, found.end())
            document.assignments.append(Assignment(found[1], value, at + 1, template=template))
            at += used
            continue
        if commented := COMMENT.match(line):
            _comment(document, commented, at + 1, template=template)
        at += 1
    document.assignments = settled(document.assignments)
    return document


def _value(lines: list[str], at: int, start: int) -> tuple[Expression, int]:
    """The value behind ``=``, and how many lines it takes."""
    line = lines[at]
    rest = line[start:]
    sign = rest[:1]
    if sign and sign in QUOTED:
        whole = rest
        for used in range(1, MAX_QUOTED_LINES):
            if found := QUOTED[sign].match(whole):
                if sign == "'":
                    return Text(found[1], at + 1), used
                return interpolated(ESCAPED.sub(_escape, found[1]), at + 1), used
            if at + used >= len(lines) or ASSIGNED.match(lines[at + used]):
                break
            whole += "\n" + lines[at + used]
    return interpolated(_bare(rest), at + 1), 1


def _escape(found: re.Match[str]) -> str:
    return ESCAPES.get(found[1], "$$" if found[1] == "$" else found[1])


def _bare(rest: str) -> str:
    """A value without quotes ends at a comment."""
    if rest.startswith("#"):
        return ""
    cut = re.search(r"[ \t]#", rest)
    return (rest[: cut.start()] if cut else rest).strip()


def _comment(document: Document, found: re.Match[str], line: int, *, template: bool) -> None:
    rest = found.string[found.end() :].strip()
    value, _ = _value([rest], 0, 0)
    plain = _bare(rest)
    if plain and (plain[0] in QUOTED or SENTENCE.search(plain) is None):
        value = interpolated(value.value, line) if isinstance(value, Text) else interpolated(plain, line)
        document.assignments.append(Assignment(found[1], value, line, "", COMMENTED_OUT, template))


def settled(assignments: list[Assignment]) -> list[Assignment]:
    """With what is overwritten further down, and what a switch among them turns off."""
    last = {(a.name, a.scope): a.line for a in assignments if not a.off}
    prefixes = [
        (prefix, f"{a.name}={a.value.value}", a.scope)
        for a in assignments
        if not a.off and isinstance(a.value, Text) and (prefix := switches.prefix_off(a.name, a.value.value))
    ]
    return [_settled(assignment, last, prefixes) for assignment in assignments]


def _settled(
    assignment: Assignment, last: dict[tuple[str, str], int], prefixes: list[tuple[str, str, str]]
) -> Assignment:
    if assignment.off:
        return assignment
    line = last[assignment.name, assignment.scope]
    if line != assignment.line:
        return replace(assignment, off=f"overwritten at line {line}")
    if prefixes:
        own = [(prefix, reason) for prefix, reason, scope in prefixes if scope == assignment.scope]
        if reason := switches.below(own, assignment.name):
            return replace(assignment, off=reason)
    return assignment
