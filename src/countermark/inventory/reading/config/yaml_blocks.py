"""YAML as people write it, line by line, ten times as fast as a parser of all of it.

Anchors, aliases and merges are followed, tags passed over. What is not read here (complex keys, and a few
rare forms) raises :class:`Odd`, or is skipped where the reading is lenient.

Source: YAML 1.2.2 chapters 6 to 9; merge keys as in YAML 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from countermark.inventory.reading.config.trees import MAX_DEPTH, Mapping, Node, Remark, Scalar, Sequence
from countermark.inventory.reading.config.yaml_scalars import (
    ANCHOR,
    DOUBLE,
    MAX_QUOTED_LINES,
    PROPERTIES,
    SINGLE,
    Flow,
    Odd,
    folded,
    plain,
    unescaped,
)

KEY = re.compile(
    r"""(?:"((?:[^"\\]++|\\.)*+)"[ \t]*|'((?:[^']++|'')*+)'[ \t]*"""
    r"""|((?:[^\s"'#&*!|>%@`{\[\]},?:-]|[?:-](?=\S))(?:[^:#]++|:(?=\S)|(?<=\S)#)*+)):(?=[ \t]|$)"""
)
BLOCK = re.compile(r"([|>])(?:([1-9])?([+-])?|([+-])([1-9]))[ \t]*(?:#.*)?$")
COMMENTED = re.compile(r"#+\s*(?:- )?(?:[\w.\"'/-]+\s*[:=]|- \S)")
"""A comment that may be a setting."""
TAGS = {"!Ref": "Parameters.{}.Default"}
TAG = re.compile(r"!(?:Ref|ENV|env|env_var|secret)\b")
"""Tags that make a name stand for a value: CloudFormation's, and those of variables."""
NAME = re.compile(r"[A-Za-z_]\w*")
END = -1
MAX_ODD = 300
"""Lines that are not understood; a file with more is no YAML."""


class Blocks:
    """One document: the lines of a file from ``at`` to ``end``."""

    def __init__(self, lines: list[str], at: int, end: int, *, lenient: bool = False) -> None:
        self.lines = lines
        self.at = at
        self.end = end
        self.lenient = lenient
        self.content = ""
        """The line at ``at`` without its indentation, after :meth:`_peek`."""
        self.anchors: dict[str, Node] = {}
        self.open: list[tuple[int, str]] = []
        """The keys around the line that is read, with their indentation."""
        self.depth = 0
        self.remarks: list[Remark] = []
        self.odd = 0
        """How many lines were not understood."""
        self.first_odd = 0

    def read(self) -> Node | None:
        """The document; None where it is empty.

        Raises:
            Odd: something is not read, unless the reading is lenient.
        """
        if self._peek() == END:
            return None
        node = self._block(0)
        while self._peek() != END:
            self._odd("something stands behind the end of the document")
            if self.at < self.end and self._peek() != END:
                node = _together(node, self._block(0))
        return node

    def _odd(self, what: str) -> None:
        if not self.lenient or self.odd >= MAX_ODD:
            raise Odd(f"{what}, in line {self.at + 1}")
        self.odd += 1
        self.first_odd = self.first_odd or self.at + 1
        self.at += 1

    def _peek(self) -> int:
        """The indentation of the next line that says something; -1 at the end."""
        while self.at < self.end:
            line = self.lines[self.at]
            content = line.lstrip(" ")
            if content and content[0] == "\t":
                content = content.lstrip()
                if content and content[0] != "#":
                    self._tab()
                    continue
            if content and content[0] != "#" and content != "\r":
                self.content = content
                return len(line) - len(content)
            if content and content[0] == "#" and COMMENTED.match(content):
                self._remark(content, len(line) - len(content))
            self.at += 1
        return END

    def _tab(self) -> None:
        if self.lenient:
            self.lines[self.at] = self.lines[self.at].expandtabs(4)
        else:
            self._odd("a tab in the indentation")

    def _remark(self, content: str, column: int) -> None:
        text = content.lstrip("#")
        inner = text.lstrip()
        if column == 0 and text.startswith("  "):
            column = len(text) - len(inner)
        listed = inner.startswith("- ")
        parents = []
        for indent, key in self.open:
            if indent < column or (listed and indent == column and key[0] != "["):
                parents.append(key)
            else:
                break
        self.remarks.append(Remark(self.at + 1, text, tuple(parents)))

    def _block(self, least: int) -> Node:
        """What stands at the next line, which is indented by at least ``least``."""
        indent = self._peek()
        if indent < least:
            return Scalar("", self.at)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Odd(f"nested deeper than {MAX_DEPTH}, in line {self.at + 1}")
        if self._is_item():
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
            here = self._peek()
            if here > indent:
                self._stray(node, here)
                continue
            found = KEY.match(self.content) if here == indent else None
            if found is None:
                if here == indent and not self._is_item():
                    self._odd("neither a key nor the end of a mapping")
                    continue
                break
            double, single, bare = found.groups()
            key = (
                bare.rstrip()
                if bare is not None
                else single.replace("''", "'")
                if double is None
                else unescaped(double)
            )
            line = self.at + 1
            self.open.append((indent, key))
            value = self._value(self.content[found.end() :].lstrip(), indent, listed=True)
            self.open.pop()
            if key == "<<":
                merges.append(value)
            else:
                node.items.append((key, line, value))
        return _merged(node, merges) if merges else node

    def _is_item(self) -> bool:
        return self.content[0] == "-" and (len(self.content) == 1 or self.content[1] in " \t")

    def _stray(self, node: Mapping, here: int) -> None:
        """Lines that are indented deeper than they may."""
        if not self.lenient:
            self._odd("indented deeper than its mapping")
        before = self.at
        extra = self._block(here)
        if isinstance(extra, Mapping):
            node.items += extra.items
        if self.at == before:
            self.at += 1

    def _sequence(self, indent: int) -> Sequence:
        node = Sequence([], self.at + 1)
        while self._peek() == indent and self._is_item():
            content = self.content
            rest = content[1:].lstrip()
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
            return self._below(indent, listed=listed)
        if sign in "&!":
            return self._with_properties(rest, indent, listed=listed)
        if sign == "*":
            return self._alias(rest)
        if sign in "|>" and (header := BLOCK.match(rest)):
            return self._literal(header, indent)
        if sign in "\"'":
            return self._quoted(rest, sign)
        if sign in "[{" and not rest.startswith("{{"):
            return self._flow(rest)
        return self._plain(rest, indent)

    def _below(self, indent: int, *, listed: bool) -> Node:
        line = self.at + 1
        self.at += 1
        here = self._peek()
        if here > indent:
            return self._block(here)
        if here == indent and listed and self._is_item():
            return self._sequence(indent)
        return Scalar("", line)

    def _with_properties(self, rest: str, indent: int, *, listed: bool) -> Node:
        found = PROPERTIES.match(rest)
        if found is None:
            return self._plain(rest, indent)
        behind = rest[found.end() :]
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
        name = rest.split()[0][1:]
        node = self.anchors.get(name)
        line = self.at + 1
        if node is None:
            self._odd(f"an alias without an anchor: *{name[:40]}")
            return Scalar("", line)
        self.at += 1
        return node

    def _literal(self, header: re.Match[str], indent: int) -> Scalar:
        """A block of text below ``|`` or ``>``."""
        self.at += 1
        first = self.at
        given = header[2] or header[5]
        depth = max(indent, 0) + int(given) if given else 0
        texts: list[str] = []
        while self.at < self.end:
            line = self.lines[self.at]
            bare = line.strip(" \r")
            here = len(line) - len(line.lstrip(" "))
            if bare:
                depth = depth or here
                if here < depth or here <= indent:
                    break
            texts.append(line[depth:] if bare else "")
            self.at += 1
        while texts and not texts[-1]:
            texts.pop()
        begins = first + 1
        if header[1] == "|" or any(text[:1] == " " for text in texts):
            return Scalar("\n".join(texts), begins, quoted=True, block=True)
        return Scalar(folded("\n".join(texts)), begins, quoted=True, block=True)

    def _quoted(self, rest: str, sign: str) -> Node:
        pattern = DOUBLE if sign == '"' else SINGLE
        most = MAX_QUOTED_LINES // 20 if self.lenient else MAX_QUOTED_LINES
        line = self.at + 1
        text = rest
        self.at += 1
        found = pattern.match(text)
        while found is None and self.at < min(self.end, line + most):
            text += "\n" + self.lines[self.at]
            self.at += 1
            found = pattern.match(text) if sign in self.lines[self.at - 1] else None
        if found is None:
            self.at = line - 1
            self._odd("a quote that does not close")
            return Scalar(rest[1:], line, quoted=True)
        behind = text[found.end() :].lstrip()
        if behind and behind[0] != "#":
            self.at -= 1
            self._odd("something stands behind a quote")
        inner = folded(found[1], escaped=sign == '"')
        return Scalar(unescaped(inner) if sign == '"' else inner.replace("''", "'"), line, quoted=True)

    def _flow(self, rest: str) -> Node:
        line = self.at + 1
        flow = Flow(rest, line, self._following(), self.anchors)
        self.at += 1
        try:
            node = flow.read()
            behind = flow.text[flow.at :].strip()
            if behind and behind[0] != "#":
                raise Odd("something stands behind a bracket that closes")
        except Odd as odd:
            self.at = line - 1
            self._odd(str(odd))
            return Scalar(rest.strip(), line)
        return node

    def _following(self) -> Iterator[str]:
        while self.at < self.end:
            self.at += 1
            yield self.lines[self.at - 1]

    def _plain(self, rest: str, indent: int) -> Scalar:
        line = self.at + 1
        cut = rest.find(" #")
        if cut < 0:
            cut = rest.find("\t#")
        text = rest[:cut].rstrip() if cut >= 0 else rest.rstrip()
        if (": " in text or text.endswith(":")) and not text.startswith("{{"):
            if not self.lenient:
                self._odd("a mapping stands in the value of a key")
        self.at += 1
        if cut < 0 and self.at < self.end:
            text = self._continued(text, indent)
        return plain(text, line)

    def _continued(self, text: str, indent: int) -> str:
        """A plain scalar goes on as long as lines are indented deeper than its key."""
        parts = [text]
        at = self.at
        while at < self.end:
            line = self.lines[at]
            content = line.strip()
            if content:
                if len(line) - len(line.lstrip(" ")) <= indent or content[0] == "#":
                    break
                if ": " in content or content[-1] == ":" or " #" in content:
                    if not self.lenient:
                        self._odd("a mapping stands in the value of a key")
                    break
            parts.append(content)
            at += 1
            if content:
                self.at = at
                text = ""
        if text:
            return text
        while not parts[-1]:
            parts.pop()
        return folded("\n".join(parts))


def _merged(node: Mapping, merges: list[Node]) -> Mapping:
    """A mapping with what ``<<`` brings, where it has no such key itself."""
    known = {key for key, _, _ in node.items}
    for merge in merges:
        for source in merge.items if isinstance(merge, Sequence) else [merge]:
            for item in source.items if isinstance(source, Mapping) else []:
                if item[0] not in known:
                    known.add(item[0])
                    node.items.append(item)
    return node


def _together(one: Node, other: Node) -> Node:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return Mapping(one.items + other.items, one.line)
    return one if isinstance(one, Mapping) else other
