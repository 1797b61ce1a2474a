"""YAML as people write it, line by line.

Anchors, aliases and merges are followed, tags passed over. What is not read here (complex keys, and a few
rare forms) raises :class:`OddError`, or is skipped where the reading is lenient.

Source: YAML 1.2.2 chapters 6 to 9; merge keys as in YAML 1.1.
"""

from __future__ import annotations

import re

from countermark.inventory.reading.config.trees import MAX_DEPTH, Mapping, Node, Scalar, Sequence, merged
from countermark.inventory.reading.config.yaml_lines import END
from countermark.inventory.reading.config.yaml_scalars import ANCHOR, PROPERTIES, OddError, unescaped
from countermark.inventory.reading.config.yaml_values import BLOCK, Values

KEY = re.compile(
    r"""(?:"((?:[^"\\]++|\\.)*+)"[ \t]*|'((?:[^']++|'')*+)'[ \t]*
    |((?:[^\s"'\#&*!|>%@`{\[\]},?:-]|[?:-](?=\S))(?:[^:\#]++|:(?=\S)|(?<=\S)\#)*+)):(?=[ \t]|$)""",
    re.ASCII | re.VERBOSE,
)
TAGS = {"!Ref": "Parameters.{}.Default"}
TAG = re.compile(r"!(?:Ref|ENV|env|env_var|secret)\b")
"""Tags that make a name stand for a value: CloudFormation's, and those of variables."""
NAME = re.compile(r"[A-Za-z_]\w*")


class Blocks(Values):
    """The mappings and lists of a document, and what stands in them."""

    def read(self) -> Node | None:
        """The document; None where it is empty.

        Raises:
            OddError: something is not read, unless the reading is lenient.
        """
        if self.peek() == END:
            return None
        node = self._block(0)
        while self.peek() != END:
            self.odd("something stands behind the end of the document")
            if self.at < self.end and self.peek() != END:
                node = _together(node, self._block(0))
        return node

    def _block(self, least: int) -> Node:
        """What stands at the next line, which is indented by at least ``least``."""
        indent = self.peek()
        if indent < least:
            return Scalar("", self.at)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise OddError(f"nested deeper than {MAX_DEPTH}, in line {self.at + 1}")
        if self.is_item():
            node: Node = self._sequence(indent)
        elif KEY.match(self.content):
            node = self._mapping(indent)
        else:
            node = self._value(self.content, least - 1, listed=False)
        self.depth -= 1
        return node

    def _mapping(self, indent: int) -> Mapping:
        node = Mapping([], self.at + 1)
        merges: list[Node] = []
        while True:
            here = self.peek()
            if here > indent:
                self._stray(node, here)
                continue
            found = KEY.match(self.content) if here == indent else None
            if found is None:
                if here == indent and not self.is_item():
                    self.odd("neither a key nor the end of a mapping")
                    continue
                break
            key = _key(found)
            line = self.at + 1
            self.open.append((indent, key))
            value = self._value(self.content[found.end() :].lstrip(" \t"), indent, listed=True)
            self.open.pop()
            if key == "<<":
                merges.append(value)
            else:
                node.items.append((key, line, value))
        return merged(node, merges) if merges else node

    def _stray(self, node: Mapping, here: int) -> None:
        """Lines that are indented deeper than they may."""
        if not self.lenient:
            self.odd("indented deeper than its mapping")
        before = self.at
        extra = self._block(here)
        if isinstance(extra, Mapping):
            node.items += extra.items
        if self.at == before:
            self.at += 1

    def _sequence(self, indent: int) -> Sequence:
        node = Sequence([], self.at + 1)
        while self.peek() == indent and self.is_item():
            content = self.content
            rest = content[1:].lstrip(" \t")
            self.open.append((indent, f"[{len(node.items)}]"))
            if rest and (rest.startswith("- ") or KEY.match(rest)):
                self.lines[self.at] = " " * (indent + len(content) - len(rest)) + rest
                node.items.append(self._block(indent + 1))
            else:
                node.items.append(self._value(rest, indent, listed=False))
            self.open.pop()
        return node

    def _value(self, rest: str, indent: int, *, listed: bool) -> Node:
        """What stands behind a key or a dash that is indented by ``indent``.

        Args:
            rest: Of the line, behind the key.
            indent: Of the key; what belongs to it is indented deeper.
            listed: Whether a list may stand at the indentation itself, as it may behind a key.
        """
        sign = rest[:1]
        if not sign or sign == "#":
            node: Node = self._below(indent, listed=listed)
        elif sign in "&!" and (found := PROPERTIES.match(rest)):
            node = self._with_properties(found, indent, listed=listed)
        elif sign == "*":
            node = self._alias(rest)
        elif sign in "|>" and (header := BLOCK.match(rest)):
            node = self.literal(header, indent)
        elif sign in "\"'":
            node = self.quoted(rest, sign)
        elif sign in "[{" and not rest.startswith("{{"):
            node = self.flow(rest)
        else:
            node = self.plain(rest, indent)
        return node

    def _below(self, indent: int, *, listed: bool) -> Node:
        line = self.at + 1
        self.at += 1
        here = self.peek()
        if here > indent:
            return self._block(here)
        if here == indent and listed and self.is_item():
            return self._sequence(indent)
        return Scalar("", line)

    def _with_properties(self, found: re.Match[str], indent: int, *, listed: bool) -> Node:
        """A value behind an anchor or a tag."""
        behind = found.string[found.end() :]
        if behind and KEY.match(behind) and not listed:
            here = len(self.lines[self.at]) - len(behind)
            self.lines[self.at] = " " * here + behind
            node = self._block(indent + 1)
        else:
            node = self._value(behind, indent, listed=listed)
        if isinstance(node, Scalar) and (tag := TAG.search(found[0])) and NAME.fullmatch(node.value):
            node.value = f"${{{TAGS.get(tag[0], '{}').format(node.value)}}}"
        if name := ANCHOR.search(found[0]):
            self.anchors[name[1]] = node
        return node

    def _alias(self, rest: str) -> Node:
        name = rest.split(maxsplit=1)[0][1:]
        node = self.anchors.get(name)
        line = self.at + 1
        if node is None:
            self.odd(f"an alias without an anchor: *{name[:40]}")
            return Scalar("", line)
        self.at += 1
        return node


def _key(found: re.Match[str]) -> str:
    double, single, bare = found.groups()
    if bare is not None:
        return bare.rstrip(" \t")
    return unescaped(double) if double is not None else single.replace("''", "'")


def _together(one: Node, other: Node) -> Node:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return Mapping(one.items + other.items, one.line)
    return one if isinstance(one, Mapping) else other
