"""Command lines among settings: ``cmd: llama-server -m x``, scripts of a package, servers of tools."""

from __future__ import annotations

from countermark.inventory.reading.config.command_lines import lines
from countermark.inventory.reading.config.entries import switched
from countermark.inventory.reading.config.placeholders import value as placeholder
from countermark.inventory.reading.config.trees import MAX_DEPTH, Mapping, Node, Scalar, Sequence
from countermark.inventory.reading.expressions import Command, Document, Expression

KEYS = frozenset(
    [
        "cmd",
        "cmds",
        "command",
        "commands",
        "run",
        "entrypoint",
        "exec",
        "startcommand",
        "start_command",
        "start",
    ]
)
"""In lower case; what stands below them starts something."""
SCRIPTS = frozenset(["scripts", "tasks"])
"""Tables of commands by their names."""
MAX_COMMANDS = 2_000


def launches(document: Document, node: Node, path: tuple[str, ...] = (), off: str = "") -> None:
    """Add the commands below a node to a document; their scope is the key that they stand below."""
    if len(path) > MAX_DEPTH or len(document.commands) >= MAX_COMMANDS:
        return
    if isinstance(node, Sequence):
        for item in node.items:
            launches(document, item, (*path, "[]"), off)
    if not isinstance(node, Mapping):
        return
    off = off or switched(node)[0]
    scope = next((key for key in reversed(path) if key != "[]"), "")
    arguments = node.sequence("args")
    named = path[-1:] != () and path[-1].lower() in SCRIPTS
    for key, _, value in node.items:
        if key.lower() in KEYS or (named and isinstance(value, Scalar)):
            document.commands += _commands(value, arguments, key if named else scope, off)
        if not isinstance(value, Scalar):
            launches(document, value, (*path, key), off)


def _commands(node: Node, arguments: list[Node], scope: str, off: str) -> list[Command]:
    """A command in one string, or in a list of words, or a list of such strings."""
    texts = node.items if isinstance(node, Sequence) else [node]
    scalars = [text for text in texts if isinstance(text, Scalar) and text.value]
    words = isinstance(node, Sequence) and all(" " not in s.value for s in scalars[:1])
    if words or (arguments and len(scalars) == 1):
        scalars += [argument for argument in arguments if isinstance(argument, Scalar)]
        return [_command([placeholder(s.value, s.line) for s in scalars], scope, off)] if scalars else []
    return [
        _command(each.words, scope, off)
        for scalar in scalars
        for each in lines(scalar.value, scalar.line, placeholder)
        if len(each.words) > 1
    ]


def _command(words: list[Expression], scope: str, off: str) -> Command:
    return Command(tuple(words), words[0].line, scope, "", off)
