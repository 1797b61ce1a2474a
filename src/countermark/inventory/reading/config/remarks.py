"""Settings that were commented out: comments which clearly are a setting, not a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from countermark.inventory.reading.config.trees import Mapping, Node, Remark, Scalar, Sequence
from countermark.inventory.reading.config.yaml_blocks import Blocks
from countermark.inventory.reading.config.yaml_scalars import OddError

COMMENTED_OUT = "commented out"
MAX_LINES = 2_000
"""Of one comment."""
SENTENCE = frozenset(
    """note notes todo fixme xxx see usage tip tips warning warn important ref refs docs doc source copyright
    license author example examples e.g eg hint info options possible values supported available type required
    optional""".split()  # noqa: SIM905 - read as a list
)
"""What a comment begins with that explains; in lower case."""
PAIR = re.compile(r"\s*[A-Z_][A-Z0-9_]*=\S*\s*")
KEY = re.compile(r"[\w.\-/\[\]]{1,120}")


def of_yaml(remarks: list[Remark]) -> Iterator[tuple[Remark, Node]]:
    """The commented-out parts of a YAML file: the comment that begins each, and the tree that it would be."""
    for group in _groups(remarks):
        if all(PAIR.fullmatch(remark.text) for remark in group):
            for remark in group:
                yield remark, Scalar(remark.text.strip(), remark.line)
            continue
        lines = [remark.text[_indent(group[0]) :] for remark in group]
        blocks = Blocks(lines, 0, len(lines), lenient=True)
        try:
            node = blocks.read()
        except OddError:
            continue
        kept = None if node is None or isinstance(node, Scalar) else clear(node, group[0].line - 1)
        if kept is not None:
            yield group[0], kept


def _groups(remarks: list[Remark]) -> Iterator[list[Remark]]:
    """Comments on lines that follow each other, none of them further left than the first."""
    group: list[Remark] = []
    for remark in remarks:
        if group and not (_follows(remark, group[-1], group[0]) and len(group) < MAX_LINES):
            yield group
            group = []
        group.append(remark)
    if group:
        yield group


def _follows(remark: Remark, last: Remark, first: Remark) -> bool:
    beside = remark.line == last.line + 1 and remark.root == first.root and remark.column == first.column
    return beside and _indent(remark) >= _indent(first)


def _indent(remark: Remark) -> int:
    return len(remark.text) - len(remark.text.lstrip())


def clear(node: Node, shift: int = 0) -> Node | None:
    """What of a tree clearly is a setting, its lines moved by ``shift``; None where nothing is."""
    if isinstance(node, Scalar):
        plain = node.value.strip()
        if not plain or not (node.quoted or " " not in plain or plain.startswith(("$", "{{"))):
            return None
        return Scalar(node.value, node.line + shift, quoted=node.quoted)
    if isinstance(node, Mapping):
        items = [
            (key, line + shift, kept)
            for key, line, value in node.items
            if KEY.fullmatch(key)
            and key.lower() not in SENTENCE
            and (kept := clear(value, shift)) is not None
        ]
        return Mapping(items, node.line + shift) if items else None
    elements = [kept for item in node.items if (kept := clear(item, shift)) is not None]
    return Sequence(elements, node.line + shift) if elements else None
