"""Dockerfiles: what the image's variables are, what it starts, and what is fetched when it is built.

Only the last stage, and those that it is built from, are in the image; what another one fetched is there too
where it is copied from it.

Source: Dockerfile reference of Docker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

import orjson

from countermark.inventory.reading.config.command_lines import is_script, lines, put_in, words
from countermark.inventory.reading.config.dotenv import settled
from countermark.inventory.reading.config.placeholders import interpolated
from countermark.inventory.reading.config.remarks import COMMENTED_OUT
from countermark.inventory.reading.expressions import (
    Assignment,
    Command,
    Document,
    Entry,
    Env,
    Expression,
    Text,
)

SCOPE = "image:"
MAX_INSTRUCTIONS = 5_000
MAX_HEREDOCS = 200
MAX_STAGES = 200
MAX_PAIRS = 2_000
"""Of one instruction."""
INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)(?=[ \t]|$)[ \t]*")
FROM = re.compile(r"(?:--platform=\S+\s+)?(\S+)(?:\s+[Aa][Ss]\s+(\S+))?")
COMMENTED = re.compile(r"\s*#+\s*(ENV|ARG|CMD|ENTRYPOINT|RUN|env|cmd)\s+(\S.*)$")
ESCAPE = re.compile(r"#\s*escape\s*=\s*`", re.IGNORECASE)
HEREDOC = re.compile(r"<<-?\s*[\"']?([A-Za-z_]\w*)[\"']?")
FLAGS = re.compile(r"\A(?:--[\w-]+(?:=\S+)?\s+)+")
COPIED = re.compile(r"(?:--[\w-]+(?:=\S+)?\s+)*?--from=(\S+)")
PAIR = re.compile(r"""([A-Za-z_][\w.-]*)=((?:"(?:[^"\\]++|\\.)*+"|'[^']*+'|\\.|[^\s"'\\]++)*+)""", re.DOTALL)


@dataclass(slots=True)
class _Stage:
    """One ``FROM`` and what follows it."""

    base: str
    name: str
    line: int
    known: dict[str, Expression] = field(default_factory=dict)
    """Variables and arguments by name, with the value that they have so far as the default."""
    inherited: dict[str, Expression] = field(default_factory=dict)
    """The variables among them, which a stage that is built from this one has too."""
    assignments: list[Assignment] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    runs: list[Command] = field(default_factory=list)
    entrypoint: Command | None = None
    command: Command | None = None
    replaced: list[Command] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    """Stages that files are copied from."""


def read(path: str, text: str) -> Document:
    """What a Dockerfile says; ``ARG`` gives entries ``("ARG", name)``, ``FROM`` ``("FROM", stage)``."""
    document = Document(path, "dockerfile")
    outside = _Stage("", "", 1)
    stages = [outside]
    for count, (line, name, rest) in enumerate(_instructions(text)):
        if count >= MAX_INSTRUCTIONS:
            document.trouble = f"more than {MAX_INSTRUCTIONS:,} instructions: the rest was not read"
            break
        if name == "FROM" and (found := FROM.match(rest)):
            base = put_in_text(found[1], line, outside.known)
            below = next((s.inherited for s in reversed(stages[-MAX_STAGES:]) if s.name == base), {})
            stages.append(_Stage(base, found[2] or str(len(stages) - 1), line, dict(below), dict(below)))
        else:
            _instruction(stages[-1], name, rest, line, outside.known)
    _write(document, stages)
    return document


def put_in_text(text: str, line: int, arguments: dict[str, Expression]) -> str:
    """The name of an image with the defaults of its arguments put in; as written where one has none."""
    made = interpolated(text, line)
    parts = made.parts if hasattr(made, "parts") else (made,)
    out = ""
    for part in parts:
        given = put_in(part, arguments)
        if isinstance(given, Env) and given.default is not None:
            given = given.default
        if not isinstance(given, Text):
            return text
        out += given.value
    return out


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Each instruction with its line; a backslash and the break behind it stay in the text."""
    sign = "`" if ESCAPE.match(text) else "\\"
    rows = text.split("\n")
    at = heredocs = 0
    while at < len(rows):
        line = rows[at]
        first = at + 1
        at += 1
        if line.lstrip()[:1] in ("", "#"):
            if found := COMMENTED.match(line):
                yield first, f"#{found[1].upper()}", found[2]
            continue
        while line.rstrip().endswith(sign) and at < len(rows):
            bare = rows[at].strip()
            line = line.rstrip()[:-1] + "\\\n" + ("" if bare[:1] == "#" else rows[at])
            if bare[:1] in ("#", "") and at + 1 < len(rows):
                line += sign
            at += 1
        while at < len(rows) and heredocs < MAX_HEREDOCS and (word := HEREDOC.search(line)):
            heredocs += 1
            body, at = _body(rows, at, word[1])
            line = line[: word.start()] + "\n" + body
        if found := INSTRUCTION.match(line):
            yield first, found[1].upper(), line[found.end() :]


def _body(rows: list[str], at: int, word: str) -> tuple[str, int]:
    """The lines of a here-document, and where it ends."""
    for end in range(at, len(rows)):
        if rows[end].strip() == word:
            return "\n".join(rows[at:end]), end + 1
    return "", at


def _instruction(stage: _Stage, name: str, rest: str, line: int, outside: dict[str, Expression]) -> None:
    off = COMMENTED_OUT if name.startswith("#") else ""
    match name.lstrip("#"):
        case "ARG":
            _argument(stage, rest, line, outside, off)
        case "ENV":
            _variables(stage, rest, line, off)
        case "RUN":
            stage.runs += _runs(stage, FLAGS.sub("", rest), line, off)
        case "COPY" if found := COPIED.match(rest):
            stage.copied.append(found[1].lower())
        case "CMD" | "ENTRYPOINT" as kind:
            _start(stage, kind, rest, line, off)
        case _:
            pass


def _argument(stage: _Stage, rest: str, line: int, outside: dict[str, Expression], off: str) -> None:
    for word, value, at in _pairs(rest, line, stage.known):
        given = outside.get(word) if value is None else value
        if not off:
            stage.known[word] = Env(word, at, given.default if isinstance(given, Env) else given)
        if value is not None:
            stage.entries.append(Entry(("ARG", word), value, at, off))


def _variables(stage: _Stage, rest: str, line: int, off: str) -> None:
    for word, value, at in _pairs(rest, line, stage.known):
        if value is not None:
            stage.assignments.append(Assignment(word, value, at, SCOPE, off))
            if not off:
                stage.known[word] = stage.inherited[word] = Env(word, at, value)


def _pairs(
    rest: str, line: int, known: dict[str, Expression]
) -> Iterator[tuple[str, Expression | None, int]]:
    """``A=1 B="2"``, the old form ``A 1``, and names alone; arguments are put in."""
    found = list(islice(PAIR.finditer(rest), MAX_PAIRS))
    if not found:
        name, _, value = rest.strip().partition(" ")
        given = put_in(interpolated(value.strip(), line), known) if value.strip() else None
        if re.fullmatch(r"[A-Za-z_][\w.-]*", name):
            yield name, given, line
        return
    last = 0
    for pair in found:
        line += rest.count("\n", last, pair.start())
        last = pair.start()
        parts = words(pair[2], line) if pair[2] else ()
        yield pair[1], put_in(parts[0] if parts else Text("", line), known), line


def _runs(stage: _Stage, rest: str, line: int, off: str) -> list[Command]:
    given = _listed(rest)
    if given is not None:
        return [Command(tuple(Text(word, line) for word in given), line, SCOPE, off=off)]
    return [
        Command(tuple(put_in(word, stage.known) for word in each.words), each.line, SCOPE, off=off)
        for each in lines(rest, line)
        if each.words
    ]


def _listed(rest: str) -> list[str] | None:
    """The words of the JSON form; None where it is the form of a shell."""
    text = rest.strip().replace("\\\n", "")
    if not text.startswith("["):
        return None
    try:
        given = orjson.loads(text)
    except ValueError:
        return None
    return [str(word) for word in given] if isinstance(given, list) else None


def _start(stage: _Stage, kind: str, rest: str, line: int, off: str) -> None:
    """The last of each kind counts."""
    given = _listed(rest)
    if given is None:
        made = _shell(stage, rest, line)
    elif position := is_script(given):
        made = _shell(stage, given[position], line)
    else:
        made = Command(tuple(put_in(interpolated(word, line), stage.known) for word in given), line, SCOPE)
    if off:
        stage.replaced.append(replace(made, off=off))
        return
    last = stage.command if kind == "CMD" else stage.entrypoint
    if last is not None:
        stage.replaced.append(replace(last, off=f"overwritten at line {line}"))
    if kind == "CMD":
        stage.command = made
    else:
        stage.entrypoint = made


def _shell(stage: _Stage, text: str, line: int) -> Command:
    """The last command of a script is the one that stays; those before it prepare."""
    found = [each for each in lines(text, line) if each.words]
    made = [Command(tuple(put_in(word, stage.known) for word in e.words), e.line, SCOPE) for e in found]
    stage.runs += made[:-1]
    return made[-1] if made else Command((), line, SCOPE)


def _write(document: Document, stages: list[_Stage]) -> None:
    """Put together what is in the image, and why the rest is not."""
    names = {stage.name.lower(): number for number, stage in enumerate(stages) if number}
    used = _used(stages, names)
    copied = {name for number in used for name in stages[number].copied}
    chosen = stages[-1]
    for number, stage in enumerate(stages):
        off = "" if number in used or not number else f"build stage {stage.name}"
        if number:
            document.entries.append(
                Entry(("FROM", stage.name), Text(stage.base, stage.line), stage.line, off)
            )
        document.entries += [replace(entry, off=entry.off or off) for entry in stage.entries]
        document.assignments += [replace(a, off=a.off or off) for a in stage.assignments]
        image = _image(stages, number, names)
        started = [stage.command] if stage.entrypoint is None else [_joined(stage.entrypoint, stage.command)]
        replaced = "" if stage is chosen or off else _over(stages[number + 1 :])
        brought = "" if {stage.name.lower(), str(number - 1)} & copied else off
        document.commands += [replace(c, image=image, off=c.off or brought) for c in stage.runs]
        document.commands += [replace(c, image=image, off=c.off or off) for c in stage.replaced]
        document.commands += [replace(c, image=image, off=off or replaced) for c in started if c and c.words]
    document.assignments = settled(document.assignments)


def _joined(entrypoint: Command, command: Command | None) -> Command:
    """``CMD`` gives the arguments of ``ENTRYPOINT``."""
    return replace(entrypoint, words=entrypoint.words + (command.words if command else ()))


def _over(later: list[_Stage]) -> str:
    """Why what a base starts is not what the image starts."""
    line = next((s.command or s.entrypoint for s in later if s.command or s.entrypoint), None)
    return f"overwritten at line {line.line}" if line else ""


def _image(stages: list[_Stage], number: int, names: dict[str, int]) -> str:
    """The image that a stage is built from, through the stages between."""
    while (found := names.get(stages[number].base.lower())) is not None and found < number:
        number = found
    return stages[number].base


def _used(stages: list[_Stage], names: dict[str, int]) -> set[int]:
    """The last stage, and those that it is built from one after the other."""
    used: set[int] = set()
    number: int | None = len(stages) - 1
    while number and number not in used:
        used.add(number)
        found = names.get(stages[number].base.lower())
        number = found if found is not None and found < number else None
    return used
