"""YAML files: a quick parser first, a full one where that does not know a form, else a lenient look."""

from __future__ import annotations

import re
import warnings

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from countermark.inventory.reading.config.trees import (
    MAX_DEPTH,
    Mapping,
    Node,
    Parsed,
    Scalar,
    Sequence,
    merged,
)
from countermark.inventory.reading.config.yaml_blocks import Blocks
from countermark.inventory.reading.config.yaml_scalars import NOTHING, OddError

MAX_VALUES = 200_000
MAX_EXPANDED = 2 * MAX_DEPTH
"""How deep a file may be, and how many values it may have, when its aliases are followed."""
MAX_FULL = 128 << 10
"""The full parser is ten times slower."""
MARKER = re.compile(r"(?:---|\.\.\.)(?=[ \t]|$)")


def parse(text: str, *, lenient: bool = False) -> Parsed:
    r"""Every document of a file. ``trouble`` says what is wrong; what could be read is there all the same.

    Args:
        text: With ``\n`` as its breaks.
        lenient: Whether to pass over lines that are not understood, as in a template.
    """
    lines = text.split("\n")
    spans = _spans(lines)
    if lenient:
        try:
            return _within_bounds(_quick(lines, spans, lenient=True))
        except OddError as odd:
            return Parsed(trouble=f"no YAML: {odd}")
    try:
        return _within_bounds(_quick(list(lines), spans, lenient=False))
    except OddError as odd:
        first = str(odd)
    trouble = f"larger than {MAX_FULL >> 10} KiB and not plain YAML: {first}"
    if len(text) <= MAX_FULL:
        try:
            parsed = _within_bounds(_full(text))
            parsed.remarks = _quick(list(lines), spans, lenient=True).remarks
        except (YAMLError, ValueError, LookupError, RecursionError) as error:
            trouble = _said(error)
        else:
            return parsed
    try:
        parsed = _within_bounds(_quick(list(lines), spans, lenient=True))
    except OddError as odd:
        return Parsed(trouble=f"no YAML: {odd}")
    parsed.trouble = f"no YAML: {trouble}"
    return parsed


def _within_bounds(parsed: Parsed) -> Parsed:
    """The same, without its content where aliases make it grow beyond what a person writes."""
    measured: dict[int, tuple[int, int]] = {}
    for root in parsed.roots:
        values, depth = _measured(root, measured)
        if values > MAX_VALUES or depth > MAX_EXPANDED:
            return Parsed(trouble=f"aliases that stand for more than {MAX_VALUES:,} values: not read")
    return parsed


def _measured(root: Node, measured: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """How many values a tree has when its aliases are followed, and how deep it is; each part counts once."""
    pending = [root]
    entered: set[int] = set()
    while pending:
        node = pending[-1]
        if id(node) in measured:
            pending.pop()
            continue
        entered.add(id(node))
        parts: list[Node] = []
        if isinstance(node, Mapping):
            parts = [value for _, _, value in node.items]
        elif isinstance(node, Sequence):
            parts = node.items
        open_parts = [part for part in parts if id(part) not in measured]
        if any(id(part) in entered for part in open_parts):  # an alias within what it stands for
            return MAX_VALUES + 1, 0
        if open_parts:
            pending += open_parts
            continue
        known = [measured[id(part)] for part in parts]
        measured[id(node)] = (1 + sum(k[0] for k in known), 1 + max((k[1] for k in known), default=0))
        pending.pop()
    return measured[id(root)]


def _spans(lines: list[str]) -> list[tuple[int, int]]:
    """Where each document begins and ends; what stands behind a marker is the first line of its document."""
    spans: list[tuple[int, int]] = []
    start = 0
    for number, line in enumerate(lines):
        if line[:1] == "%" and start == number:
            start = number + 1
        elif line[:3] in ("---", "...") and MARKER.match(line):
            spans.append((start, number))
            rest = line[3:].strip()
            if line[0] == "-" and rest and rest[0] not in "#!":
                lines[number] = " " * (len(line) - len(line[3:].lstrip())) + rest
                start = number
            else:
                start = number + 1
    spans.append((start, len(lines)))
    return [(start, end) for start, end in spans if end > start]


def _quick(lines: list[str], spans: list[tuple[int, int]], *, lenient: bool) -> Parsed:
    parsed = Parsed()
    for start, end in spans:
        blocks = Blocks(lines, start, end, lenient=lenient)
        root = blocks.read()
        for remark in blocks.remarks:
            remark.root = len(parsed.roots)
        parsed.remarks += blocks.remarks
        if blocks.skipped and not parsed.trouble:
            parsed.trouble = f"lines that are no YAML, from line {blocks.first_odd}"
        if root is not None:
            parsed.roots.append(root)
    return parsed


def _full(text: str) -> Parsed:
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MAX_DEPTH  # its time grows with the square of the depth
    yaml.composer.warn_double_anchors = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the file that is read
        roots = [_tree(root, {}, 0) for root in yaml.compose_all(text) if root is not None]
    return Parsed(roots)


def _tree(node: YamlNode, known: dict[int, Node], depth: int) -> Node:
    """The same as our own tree; a node that two aliases name stays one."""
    if id(node) in known:
        return known[id(node)]
    if depth > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    line = node.start_mark.line + 1
    made: Node
    if isinstance(node, ScalarNode):
        made = known[id(node)] = _scalar(node, line)
        return made
    if isinstance(node, SequenceNode):
        made = known[id(node)] = Sequence([], line)
        made.items += [_tree(item, known, depth + 1) for item in node.value]
    elif isinstance(node, MappingNode):
        made = known[id(node)] = Mapping([], line)
        _fill(made, node, known, depth)
    else:
        made = Scalar("", line)
    return made


def _scalar(node: ScalarNode, line: int) -> Scalar:
    block = node.style in ("|", ">")
    value = str(node.value)
    if block:
        return Scalar(value.rstrip("\n"), line + 1, quoted=True, block=True)
    return Scalar("" if not node.style and value in NOTHING else value, line, quoted=bool(node.style))


def _fill(made: Mapping, node: MappingNode, known: dict[int, Node], depth: int) -> None:
    merges: list[Node] = []
    for key, value in node.value:
        tree = _tree(value, known, depth + 1)
        if isinstance(key, ScalarNode) and key.value == "<<":
            merges.append(tree)
        elif isinstance(key, ScalarNode):
            made.items.append((str(key.value), key.start_mark.line + 1, tree))
    merged(made, merges)


def _said(error: Exception) -> str:
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem} in line {error.problem_mark.line + 1}"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
