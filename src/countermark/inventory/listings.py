"""Saved listings of processes and containers: the command lines in them, and what was cut off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from countermark.inventory.serving.wrappers import SHELLS, program
from countermark.inventory.usage import Unread

MAX_TEXT = 64 << 20
MAX_LINE = 256 << 10
MAX_ROWS = 200_000
PS = re.compile(r"(?:^|\s)PID(?:\s.*)?\s(?P<command>CMD|COMMAND|ARGS)\s*$")
DOCKER = re.compile(r"^CONTAINER ID\s+IMAGE\s+COMMAND\s")
NVIDIA = re.compile(r"^\|\s+GPU\s+GI\s+CI\s+PID|^\|\s+GPU\s+PID\s+Type\s+Process name|^pid,\s*process_name")
ASCEND = re.compile(r"^\|\s*NPU\s+Chip\s*\|\s*Process id\s*\|\s*Process name")
NVIDIA_ROW = re.compile(
    r"^\|\s+\d+\s+(?:\S+\s+\S+\s+)?(?P<pid>\d+)\s+[CG+M]{1,3}\s+(?P<name>\S.*?)\s+\S+\s*\|$"
)
NVIDIA_CSV = re.compile(r"^(?P<pid>\d+),\s*(?P<name>[^,]+),")
ASCEND_ROW = re.compile(r"^\|\s*\d+\s+\d+\s*\|\s*(?P<pid>\d+)\s*\|\s*(?P<name>\S[^|]*?)\s*\|")
FOREST = re.compile(r"^[\s|\\_`-]*\\?_\s+|^[\s|`]+")
ENGINES = (
    ("vllm", re.compile(r"vllm", re.IGNORECASE)),
    ("sglang", re.compile(r"sglang", re.IGNORECASE)),
    ("ollama", re.compile(r"ollama", re.IGNORECASE)),
    ("tgi", re.compile(r"text-generation", re.IGNORECASE)),
    ("llama.cpp", re.compile(r"llama-(?:server|box)", re.IGNORECASE)),
    ("triton", re.compile(r"tritonserver", re.IGNORECASE)),
    ("mindie", re.compile(r"mindie", re.IGNORECASE)),
    ("lmdeploy", re.compile(r"lmdeploy", re.IGNORECASE)),
    ("xinference", re.compile(r"xinference", re.IGNORECASE)),
)
"""What the name of a process tells where its arguments are not shown."""
INSPECTED = re.compile(r'"(?:HostConfig|GraphDriver|RepoDigests)"\s*:')
LINES = re.compile(r'^\s*\{.*"(?:Command|Image)"\s*:.*"(?:Names?|ID)"\s*:')


@dataclass(frozen=True, slots=True)
class Row:
    """One process or container."""

    words: tuple[str, ...] = ()
    line: int = 0
    pid: int = 0
    name: str = ""
    """Of the container."""
    image: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    runs: bool = True
    engine: str = ""
    """What the name of the process tells, where nothing else is shown."""


def told_by(head: str) -> bool:
    """Whether a text is a listing, by its beginning."""
    lines = [line.rstrip() for line in head[:MAX_LINE].splitlines()[:40]]
    if any(DOCKER.search(line) or NVIDIA.search(line) or ASCEND.search(line) for line in lines):
        return True
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith(("[", "{")):
        return bool(INSPECTED.search(head) or LINES.search(first))
    return PS.search(first) is not None


def rows(text: str, unread: list[Unread], name: str) -> Iterator[Row]:
    """The processes and containers of a listing; what was cut is noted."""
    if len(text) > MAX_TEXT:
        unread.append(Unread(name, f"larger than {MAX_TEXT >> 20} MiB: the rest was not read"))
        text = text[:MAX_TEXT]
    if text.lstrip().startswith(("[", "{")):
        yield from _json(text, unread, name)
    else:
        yield from _Tables(unread, name).rows(text)


def words_of(line: str) -> tuple[str, ...]:
    """A command line that lost its quotes: what follows ``bash -c`` is one script again."""
    words = line.split()
    if words and program(words[0]) in SHELLS:
        for at, word in enumerate(words[1:4], 1):
            if word.startswith("-") and not word.startswith("--") and word.endswith("c"):
                return (*words[: at + 1], " ".join(words[at + 1 :]))
    return tuple(words)


class _Tables:
    """Tables below each other, each known by its head."""

    def __init__(self, unread: list[Unread], name: str) -> None:
        self.unread, self.name = unread, name
        self.head = ""
        self.kind = ""
        self.cut = self.nameless = 0

    def rows(self, text: str) -> Iterator[Row]:
        for number, line in enumerate(text.splitlines()[:MAX_ROWS], 1):
            kind = _kind_of(line)
            if kind:
                self.kind, self.head = kind, line
                continue
            if not line.strip():
                self.kind = self.kind if self.kind != "ps" else ""
                continue
            row = self._row(line[:MAX_LINE], number) if self.kind else None
            if row is not None:
                yield row
        if self.cut:
            self.unread.append(
                Unread(self.name, f"{self.cut:,} command lines are cut: list them with --no-trunc")
            )
        if self.nameless:
            why = (
                f"{self.nameless:,} processes on accelerators say not what they run: add what `ps -ef` prints"
            )
            self.unread.append(Unread(self.name, why))

    def _row(self, line: str, number: int) -> Row | None:
        match self.kind:
            case "ps":
                return self._process(line, number)
            case "docker":
                return self._container(line, number)
            case _:
                return self._accelerator(line, number)

    def _process(self, line: str, number: int) -> Row | None:
        columns = self.head.split()
        parts = line.split(None, len(columns) - 1)
        if len(parts) < len(columns) or not parts[columns.index("PID")].isdigit():
            return None
        pid = parts[columns.index("PID")]
        command = FOREST.sub("", parts[-1])
        if command.startswith("["):  # the kernel's own
            return None
        return Row(words_of(command), number, int(pid[:9]))

    def _container(self, line: str, number: int) -> Row | None:
        starts = [found.start() for found in re.finditer(r"(?:^|(?<=\s{2}))\S", self.head)]
        titles = [self.head[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
        cells = [line[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
        told = dict(zip(titles, cells, strict=True))
        command = told.get("COMMAND", "")
        if not command.startswith('"'):
            return None
        if "…" in command or (command.count('"') == 1 and len(command) > 1):
            self.cut += 1
        words = words_of(command.strip('"').rstrip("…").replace('\\"', '"'))
        runs = not told.get("STATUS", "").startswith(("Exited", "Created", "Dead"))
        return Row(words, number, 0, told.get("NAMES", "").split(",")[0], told.get("IMAGE", ""), runs=runs)

    def _accelerator(self, line: str, number: int) -> Row | None:
        pattern = ASCEND_ROW if self.kind == "ascend" else NVIDIA_CSV if line[:1].isdigit() else NVIDIA_ROW
        found = pattern.search(line)
        if found is None:
            return None
        title = found["name"].strip()
        engine = next((engine for engine, known in ENGINES if known.search(title)), "")
        if not engine:
            self.nameless += 1
            return None
        return Row((), number, int(found["pid"][:9]), engine=engine)


def _kind_of(line: str) -> str:
    for kind, pattern in (("docker", DOCKER), ("nvidia", NVIDIA), ("ascend", ASCEND)):
        if pattern.search(line):
            return kind
    return "ps" if len(line) < 400 and PS.search(line.rstrip()) else ""  # noqa: PLR2004 - a head is short


def _json(text: str, unread: list[Unread], name: str) -> Iterator[Row]:
    """``docker inspect`` and ``podman ps --format json`` print one value, ``docker ps`` one for each line."""
    try:
        told = orjson.loads(text)
        listed = told if isinstance(told, list) else [told]
    except orjson.JSONDecodeError:
        listed = []
        for number, line in enumerate(text.splitlines(), 1):
            try:
                listed.append(orjson.loads(line) if line.strip() else None)
            except orjson.JSONDecodeError as error:
                unread.append(Unread(name, f"no JSON: {error}", number))
                return
    for each in listed[:MAX_ROWS]:
        if isinstance(each, dict):
            row = _inspected(each) if isinstance(each.get("Config"), dict) else _listed(each, unread, name)
            if row is not None:
                yield row


def _inspected(each: dict[str, Any]) -> Row:
    """A container as ``docker inspect`` tells it; an image is one that does not run."""
    config = each["Config"]
    state = each.get("State")
    status = state.get("Status") if isinstance(state, dict) else ""
    path = each.get("Path")
    words = [path, *_texts(each.get("Args"))] if isinstance(path, str) and path else []
    words = words or [*_texts(config.get("Entrypoint")), *_texts(config.get("Cmd"))]
    pairs = (text.partition("=") for text in _texts(config.get("Env")))
    tags = _texts(each.get("RepoTags"))
    return Row(
        words=tuple(words),
        name=_text(each.get("Name")).lstrip("/") or (tags[0] if tags else ""),
        image=_text(config.get("Image")) or (tags[0] if tags else ""),
        environment={key: value for key, _, value in pairs},
        runs=status in ("running", "restarting", "paused"),
    )


def _listed(each: dict[str, Any], unread: list[Unread], name: str) -> Row | None:
    """A container of ``docker ps --format json``, ``docker compose ps`` or ``podman ps``."""
    command, image = each.get("Command"), _text(each.get("Image"))
    if not image:
        return None
    called = each.get("Names") or each.get("Name")
    title = (_texts(called) or [_text(called)])[0]
    if isinstance(command, str) and "…" in command:
        unread.append(Unread(name, f"the command line of {title or image} is cut: list it with --no-trunc"))
    words = _texts(command) or list(words_of(_text(command).strip('"').rstrip("…")))
    runs = _text(each.get("State") or each.get("Status")).lower().startswith(("running", "up", "restarting"))
    return Row(tuple(words), name=title, image=image, runs=runs)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
