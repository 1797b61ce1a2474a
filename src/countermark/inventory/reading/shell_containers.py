"""Commands as they are started, those in containers with the container's image and variables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from countermark.inventory.reading.expressions import (
    Assignment,
    Command,
    Document,
    Env,
    Expression,
    Join,
    Text,
)

ENGINES = frozenset(["docker", "podman", "nerdctl"])
ENV = frozenset(["-e", "--env"])
VALUED = frozenset(
    "-v --volume -p --publish --name --network --net --gpus --ipc --shm-size --env-file -w --workdir"  # noqa: SIM905
    " --entrypoint -u --user --restart --runtime -m --memory --cpus --mount --device --label -l --log-opt"
    " --log-driver --add-host --hostname -h --platform --ulimit --security-opt --cap-add --pull --group-add"
    " -a --expose --dns --pid --cpuset-cpus --memory-swap --network-alias --health-cmd --stop-timeout"
    " --tmpfs --link --volumes-from".split()
)
"""Options of ``docker run`` behind which a value stands."""
VARIABLE = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)


def started(document: Document, words: Sequence[Expression], line: int, off: str) -> None:
    """Note a command. Of ``docker run`` it is what runs in the container."""
    first, second = _text(words, 0), _text(words, 1)
    if first.rpartition("/")[2] in ENGINES and second in ("run", "create"):
        _Container(document, line, off).run(list(words[2:]))
    elif first.rpartition("/")[2] in ENGINES and second == "exec":
        rest = list(words[2:])
        while rest and _text(rest, 0).startswith("-"):
            rest = rest[2:] if _text(rest, 0) in ENV | VALUED else rest[1:]
        document.commands.append(Command(tuple(rest[1:]), line, _text(rest, 0), off=off))
    else:
        document.commands.append(Command(tuple(words), line, off=off))


class _Container:
    """One ``docker run``."""

    def __init__(self, document: Document, line: int, off: str) -> None:
        self.document, self.line, self.off = document, line, off
        self.name = ""
        self.entry: list[Expression] = []
        self.given: list[Expression] = []
        self.files: list[str] = []

    def run(self, words: list[Expression]) -> None:
        """Read the options, then the image and what it is told."""
        at = 0
        while at < len(words) and (option := _leading(words[at])).startswith("-"):
            name, equals, _ = option.partition("=")
            if equals:
                self._option(name, _after(words[at], len(name) + 1))
                at += 1
            elif name in ENV | VALUED and at + 1 < len(words):
                self._option(name, words[at + 1])
                at += 2
            else:
                at += 1
        image = _leading(words[at]) if at < len(words) else ""
        scope = f"container:{self.name or image}"
        for value in self.given:
            self._variable(value, scope)
        self.document.reads += [(file, scope) for file in self.files]
        command = Command((*self.entry, *words[at + 1 :]), self.line, scope, image, self.off)
        self.document.commands.append(command)

    def _option(self, name: str, value: Expression) -> None:
        if name in ENV:
            self.given.append(value)
        elif name == "--name":
            self.name = _leading(value)
        elif name == "--env-file":
            self.files.append(_leading(value))
        elif name == "--entrypoint":
            self.entry = [value]

    def _variable(self, value: Expression, scope: str) -> None:
        """``-e X=y``; ``-e X`` hands on the variable of the script."""
        found = VARIABLE.match(_leading(value))
        if found:
            given = _after(value, len(found[1]) + 1)
            self.document.assignments.append(Assignment(found[1], given, self.line, scope, self.off))
        elif isinstance(value, Text) and value.value.isidentifier():
            handed = Env(value.value, value.line)
            self.document.assignments.append(Assignment(value.value, handed, self.line, scope, self.off))


def _text(words: Sequence[Expression], at: int) -> str:
    return _leading(words[at]) if at < len(words) else ""


def _leading(value: Expression) -> str:
    """The text that a word begins with; a variable where it is one, as it is written."""
    if isinstance(value, Join):
        return "".join(map(_leading, value.parts))
    if isinstance(value, Env):
        return f"${{{value.name}}}"
    return value.value if isinstance(value, Text) else ""


def _after(value: Expression, length: int) -> Expression:
    """A word without its first characters, which are text."""
    if isinstance(value, Text):
        return Text(value.value[length:], value.line)
    if not isinstance(value, Join) or not isinstance(value.parts[0], Text):
        return value
    first = Text(value.parts[0].value[length:], value.parts[0].line)
    rest = (first, *value.parts[1:]) if first.value else value.parts[1:]
    return rest[0] if len(rest) == 1 else Join(rest, value.line)
