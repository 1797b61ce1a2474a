"""Which model server a command line or an image starts: the rows of ``engines.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from countermark.inventory.serving.wrappers import PYTHON, Command, program
from countermark.inventory.usage import Kind

MODULE = re.compile(r"[a-z_]\w*(?:\.[a-z_]\w*)+(?<!\.gguf)")
PYTHON_VALUES = frozenset(["-W", "-X", "-Q"])
OPTION_FIELDS = (
    "model",
    "name",
    "lora",
    "draft",
    "quantisation",
    "revision",
    "host",
    "port",
    "endpoint",
    "size",
)


@dataclass(frozen=True, slots=True)
class Engine:
    """A model server, as its command line and its image tell it. The fields are explained in the data."""

    id: str
    starts: tuple[tuple[str, ...], ...] = ()
    images: tuple[re.Pattern[str], ...] = ()
    entry: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    only_with: tuple[re.Pattern[str], ...] = ()
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    presets: dict[str, str] = field(default_factory=dict)
    image_names: re.Pattern[str] | None = None
    """What of the image's name is the model."""
    program_names: re.Pattern[str] | None = None
    """What of the program's name is the model."""
    positional: bool = False
    positional_is_name: bool = False
    several: bool = False
    """Whether one process serves a list of models."""
    both: bool = False
    """Whether each of its model options is a model of its own."""
    default_port: int = 0
    image_port: int = 0
    """The port where it runs in one of its images, if that differs."""
    kind: Kind = Kind.UNKNOWN


@dataclass(frozen=True, slots=True)
class Start:
    """A server that a command starts, and the words that are its arguments."""

    engine: Engine
    arguments: tuple[str, ...]


@lru_cache(maxsize=1)
def engines() -> tuple[Engine, ...]:
    """All rows."""
    text = files("countermark.inventory.serving").joinpath("engines.toml").read_text("utf-8")
    return tuple(_engine(row) for row in tomllib.loads(text)["engine"])


def _engine(row: dict[str, Any]) -> Engine:
    same = (
        "positional",
        "positional_is_name",
        "several",
        "both",
        "default_port",
        "image_port",
        "environment",
        "presets",
    )
    options = {"host": ["--host"], "port": ["--port"]} | {
        name: row[name] for name in OPTION_FIELDS if name in row
    }
    return Engine(
        id=row["id"],
        starts=tuple(sorted((tuple(start.split()) for start in row["starts"]), key=len, reverse=True)),
        images=tuple(re.compile(pattern, re.IGNORECASE) for pattern in row.get("images", ())),
        entry=tuple(row.get("entry", "").split()),
        marks=frozenset(row.get("marks", ())),
        only_with=tuple(re.compile(pattern) for pattern in row.get("only_with", ())),
        options={name: tuple(spellings) for name, spellings in options.items()},
        kind=Kind(row.get("kind", "unknown")),
        image_names=_pattern(row, "image_names"),
        program_names=_pattern(row, "program_names"),
        **{name: row[name] for name in same if name in row},
    )


def _pattern(row: dict[str, Any], name: str) -> re.Pattern[str] | None:
    return re.compile(row[name]) if name in row else None


def find(command: Command) -> Start | None:
    """The server that a command starts; its image tells where the program does not."""
    words = _without_python(command)
    known = _by_program(words)
    if known is not None:
        return known
    row = _by_image(command.image)
    is_script = words != command.words and words[:1] != ("-m",)
    if row is not None:
        return None if is_script else _by_entry(row, words)
    if words and words[0].startswith("-"):
        return _by_marks(words)
    return None


def _without_python(command: Command) -> tuple[str, ...]:
    """``python -u -m x a`` as ``-m x a``, ``python3 /opt/bin/vllm serve`` as ``/opt/bin/vllm serve``."""
    words = command.words
    if not words or PYTHON.fullmatch(command.program) is None:
        return words
    at = 1
    while at < len(words) and words[at].startswith("-") and words[at] not in ("-m", "-c", "-"):
        if words[at].startswith("-m"):  # as in -mvllm.entrypoints…
            return ("-m", words[at][2:], *words[at + 1 :])
        at += 2 if words[at] in PYTHON_VALUES else 1
    return words[at:]


def _by_program(words: Sequence[str]) -> Start | None:
    best: tuple[int, Start] | None = None
    for engine in engines():
        for start in engine.starts:
            if _starts(words, start) and (best is None or len(start) > best[0]):
                if engine.only_with and not _speaks(engine, words):
                    continue
                best = (len(start), Start(engine, tuple(words[len(start) :])))
        if engine.program_names and words and engine.program_names.fullmatch(program(words[0])):
            return Start(engine, tuple(words[1:]))
    return best[1] if best else None


def _starts(words: Sequence[str], start: Sequence[str]) -> bool:
    if len(words) < len(start) or not words:
        return False
    first = words[0].replace("\\", "/")
    if "/" in start[0]:
        if first != start[0] and not first.endswith("/" + start[0]):
            return False
    elif program(first) != start[0]:
        return False
    return tuple(words[1 : len(start)]) == tuple(start[1:])


def _speaks(engine: Engine, words: Sequence[str]) -> bool:
    line = " ".join(words)
    return any(pattern.search(line) for pattern in engine.only_with)


def _by_image(image: str) -> Engine | None:
    for engine in engines():
        if any(pattern.search(image) for pattern in engine.images):
            return engine
    return None


def _by_entry(row: Engine, words: tuple[str, ...]) -> Start | None:
    """The arguments of an image's entry point; None where the words are a program of their own."""
    entry = row.entry[:-1] if words[:1] == row.entry[-1:] else row.entry  # not twice: `vllm serve`, `serve M`
    through = _by_program((*entry, *words)) if entry else None
    if not words or (
        words[0].startswith("-") and not (words[0] == "-m" and MODULE.fullmatch("".join(words[1:2])))
    ):
        return through or Start(row, tuple(words))
    if through is None:
        return None
    is_subcommand = len(through.arguments) < len(words)
    return through if is_subcommand or (row.positional and _may_be_model(words[0])) else None


def entered(command: Command) -> Command:
    """The command with what the entry point of its image puts before it."""
    row = _by_image(command.image)
    return replace(command, words=(*row.entry, *command.words)) if row else command


def _may_be_model(word: str) -> bool:
    """Whether a first argument is a model rather than a program."""
    if word.startswith(("/bin/", "/usr/", "./")) or word.endswith((".py", ".sh")):
        return False
    return "/" in word or ":" in word or "$" in word


def _by_marks(words: Sequence[str]) -> Start | None:
    given = {word.partition("=")[0].replace("_", "-") for word in words}
    for engine in engines():
        if engine.marks & given and any(option in given for option in engine.options.get("model", ())):
            return Start(engine, tuple(words))
    return None
