"""Markdown: the label is the mapping ``AIGC`` in the YAML front matter at the head of the text.

Source: TC260-PG-20258A 6.5 for the label's place [S]; how vendors write it: seen in public texts [X].
"""

from __future__ import annotations

import re
from dataclasses import replace

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from countermark.labels import grammar
from countermark.labels.blocks import Blocks
from countermark.labels.containers import front_matter
from countermark.labels.containers.front_matter import BOM, Entry, FrontMatter
from countermark.labels.defects import Defect, LabelError, TooLargeError, error, warning
from countermark.labels.grammar import FIELDS, Fields, Label
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

KEY = "AIGC"
NAMED = re.compile(rb"\A(?:\xef\xbb\xbf)?---[^\n]*\n(?:[^\n]*\n){0,200}?[\"' ]*AIGC[\"' ]*:", re.IGNORECASE)
"""Front matter that names the label, whether or not it is YAML."""
HEAD = 256 << 10
"""Where front matter must end."""
PLACES = ("front matter", "second front matter")


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the front matter, and a second one right below it.

    Raises:
        TooLargeError: the front matter is longer than is parsed.
    """
    blocks = Blocks()
    data = source.peek(0, min(HEAD, limits.metadata_bytes))
    try:
        for place, block in zip(PLACES, _blocks(data), strict=False):
            if KEY.lower() in block.yaml.lower():
                _take(blocks, block, place)
    except TooLargeError:
        raise
    except LabelError as trouble:
        defect = error("front-matter", str(trouble))
        if NAMED.search(data):
            blocks.labels.append(Label(PLACES[0], normative=True, defects=(defect,), offset=0))
        else:
            blocks.defects.append(defect)
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the text ``fields`` as its one label, in its first front matter or in a new one.

    Raises:
        LabelError: the front matter is no YAML, or refers to parts of the label by anchors.
    """
    data = source.peek(0, min(HEAD, limits.metadata_bytes))
    if data.startswith((b"+++\n", b"+++\r\n", BOM + b"+++")):
        raise LabelError("its front matter is TOML; the label stands in YAML: convert it first")
    found = _blocks(data)
    if not found or not found[0].is_mapping():
        _check_below(data)
        return [_fresh(data, fields)]
    first, *others = found
    root = first.root()
    named = front_matter.entries(root, KEY, first.yaml)
    _check_anchors(named)
    keep = next((entry for entry in named if entry.key.value == KEY), None)
    changes = [_gone(first, root, entry) for entry in named if entry is not keep]
    if keep is None:
        changes.append(_inserted(first, root, fields))
    else:
        changes += _rewritten(first, keep, fields)
    for block in others:
        changes += _without(data, block)
    return changes


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the text is without its label, and without front matter that holds nothing else."""
    data = source.peek(0, min(HEAD, limits.metadata_bytes))
    found = _blocks(data)
    return _without(data, found[0]) if found else []


def _blocks(data: bytes) -> list[FrontMatter]:
    first = front_matter.found_in(data)
    second = front_matter.next_to(data, first) if first else None
    return [block for block in (first, second) if block]


def _check_below(data: bytes) -> None:
    """Whether nothing at the start becomes a second front matter with a label once one stands before it.

    Raises:
        LabelError: something does.
    """
    blank = front_matter.BLANK.match(data)
    below = front_matter.found_in(data, blank.end() if blank else 0)
    if below and KEY.lower() in below.yaml.lower():
        raise LabelError("front matter with a label stands behind blank lines: move it to the start")


def _take(blocks: Blocks, block: FrontMatter, place: str) -> None:
    named = front_matter.entries(block.root(), KEY, block.yaml)
    for entry in named:
        label = _label(block, entry, place)
        if len(named) > 1 and all(other.key.value == KEY for other in named):
            twice = error("repeated-key", f"the key {KEY} stands in the front matter twice")
            label = replace(label, defects=(*label.defects, twice))
        blocks.labels.append(label)


def _label(block: FrontMatter, entry: Entry, place: str) -> Label:
    where = f"{place} {entry.key.value}"
    normative = place == PLACES[0] and entry.key.value == KEY
    offset = block.at(entry.start)
    if isinstance(entry.value, ScalarNode):
        return grammar.parse(entry.value.value, where, normative=normative, offset=offset)
    if not isinstance(entry.value, MappingNode):
        wrong = error("not-an-object", "is YAML, but no mapping")
        return Label(where, normative, defects=(wrong,), offset=offset)
    defects: list[Defect] = []
    fields = grammar.of_mapping(front_matter.plain(entry.value), defects)
    names = [str(key.value) for key, _ in entry.value.value]
    repeated = sorted({name[:200] for name in names if names.count(name) > 1}) if len(names) < 999 else []
    defects += [error("repeated-key", f"{name} stands in it twice") for name in repeated]
    for key, value in entry.value.value:
        if str(key.value) in FIELDS and (kind := front_matter.odd_kind(value)):
            defects.append(warning("unquoted", f"{key.value} is not quoted: YAML takes it for {kind}"))
    return Label(where, normative, fields, tuple(defects[: grammar.MAX_DEFECTS]), offset)


def _fresh(data: bytes, fields: Fields) -> Edit:
    at = len(BOM) if data.startswith(BOM) else 0
    line = data.partition(b"\n")[0]
    newline = "\r\n" if line.endswith(b"\r") else "\n"
    text = f"---{newline}{_block(fields, '', newline)}---{newline}{newline}"
    return Edit(at, 0, text.encode())


def _block(fields: Fields, indent: str, newline: str) -> str:
    lines = [f"{indent}{KEY}:"]
    lines += [f"{indent}  {name}: {front_matter.quoted(value)}" for name, value in fields.to_dict().items()]
    return "".join(line + newline for line in lines)


def _inserted(block: FrontMatter, root: MappingNode | None, fields: Fields) -> Edit:
    if root is not None and root.flow_style:
        at = int(root.start_mark.index) + 1
        comma = ", " if root.value else ""
        return Edit(block.at(at), 0, f'"{KEY}": {fields.bare()}{comma}'.encode())
    indent = " " * (int(root.start_mark.column) if root is not None else 0)
    return Edit(block.inner, 0, _block(fields, indent, block.newline).encode())


def _rewritten(block: FrontMatter, entry: Entry, fields: Fields) -> list[Edit]:
    """Each value for itself where the mapping has the standard's fields, so that its form stays."""
    value = entry.value
    if _is_regular(value):
        assert isinstance(value, MappingNode)  # noqa: S101 - regular
        said = fields.to_dict()
        valued = [(key, node, said.pop(str(key.value))) for key, node in value.value]
        changes = [_valued(block, key, node, text) for key, node, text in valued if not _says(node, text)]
        if said:
            indent = " " * int(value.value[0][0].start_mark.column)
            lines = [
                f"{block.newline}{indent}{name}: {front_matter.quoted(text)}" for name, text in said.items()
            ]
            at = _line_end(block.yaml, entry.end)
            changes.append(Edit(block.at(at), 0, "".join(lines).encode()))
        return changes
    start, end = block.at(int(value.start_mark.index)), block.at(entry.end)
    if isinstance(value, MappingNode) and value.flow_style:
        return [Edit(start, end - start, fields.bare().encode())]
    start = block.at(int(entry.key.end_mark.index))
    body = _block(fields, " " * int(entry.key.start_mark.column), block.newline).partition(":")[2]
    closed = block.yaml[: entry.end].endswith(("\n", "\r"))
    return [Edit(start, end - start, (":" + (body if closed else body.rstrip("\r\n"))).encode())]


def _is_regular(value: Node) -> bool:
    if not isinstance(value, MappingNode) or value.flow_style or not value.value:
        return False
    names = [str(key.value) for key, _ in value.value]
    simple = all(isinstance(node, ScalarNode) and node.style not in ("|", ">") for _, node in value.value)
    return simple and len(set(names)) == len(names) and set(names) <= set(FIELDS)


def _says(node: Node, text: str) -> bool:
    return str(node.value) == text and not front_matter.odd_kind(node)


def _valued(block: FrontMatter, key: Node, node: Node, text: str) -> Edit:
    start, end = front_matter.span_of(key, node, block.yaml)
    new = " " * (start == end) + front_matter.quoted(text)
    return Edit(block.at(start), len(block.yaml[start:end].encode()), new.encode())


def _check_anchors(named: list[Entry]) -> None:
    for entry in named:
        nodes = [entry.value]
        if isinstance(entry.value, MappingNode):
            nodes += [node for pair in entry.value.value for node in pair]
        if any(node.anchor or int(node.start_mark.index) < entry.start for node in nodes):
            raise LabelError("its label shares parts with other keys by anchors: write it out first")


def _gone(block: FrontMatter, root: MappingNode | None, entry: Entry) -> Edit:
    """Without the key and its value, and the line end behind them."""
    if root is not None and root.flow_style:
        raise LabelError(
            f"its front matter has the key {entry.key.value} in one line with others: take it apart"
        )
    start = entry.start - int(entry.key.start_mark.column)
    end = entry.end
    if not block.yaml[:end].endswith(("\n", "\r")):
        end = _line_end(block.yaml, end)
        end += len(block.newline) if block.yaml.startswith(block.newline, end) else 0
    at = block.at(start)
    return Edit(at, block.at(end) - at, b"")


def _without(data: bytes, block: FrontMatter) -> list[Edit]:
    """Without every label; where nothing else is in it, without the block and the blank line behind it."""
    if KEY.lower() not in block.yaml.lower():
        return []
    root = block.root()
    named = front_matter.entries(root, KEY, block.yaml)
    if not named or root is None:
        return []
    gone = [_gone(block, root, entry) for entry in named]
    if sum(edit.length for edit in gone) < block.outer - block.inner:
        return gone
    newline = block.newline.encode()
    end = block.end + (len(newline) if data.startswith(newline, block.end) else 0)
    return [Edit(block.start, end - block.start, b"")]


def _line_end(text: str, at: int) -> int:
    ends = [place for sign in "\r\n" if (place := text.find(sign, at)) >= 0]
    return min(ends, default=len(text))
