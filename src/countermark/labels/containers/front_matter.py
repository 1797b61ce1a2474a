"""The YAML between two lines of ``---`` at the head of a text: its keys and where their text stands.

Source: YAML 1.2; that a text begins so is a convention of static site generators.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from countermark.labels.defects import LabelError, TooLargeError

MAX_YAML = 64 << 10
"""Longest front matter that is parsed, in bytes: YAML is slow."""
MAX_BRACKETS = 1000
"""Most of what opens lists and mappings within a line: the parser takes long over many."""
BOM = b"\xef\xbb\xbf"
OPENING = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*(\r\n|\n|\r)")
CLOSING = re.compile(rb"^(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)", re.MULTILINE)
BLANK = re.compile(rb"(?:[ \t]*(?:\r\n|\n|\r))*")
STRING, NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"
KINDS = {"int": "a number", "float": "a number", "bool": "a boolean", "timestamp": "a date"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of the mapping with its value."""

    key: ScalarNode
    value: Node
    yaml: str
    """The text that both stand in."""

    @property
    def start(self) -> int:
        """Of the key, in characters of the YAML."""
        return int(self.key.start_mark.index)

    @property
    def end(self) -> int:
        """Of the value, without the blank lines and comments behind it."""
        return span_of(self.key, self.value, self.yaml)[1]


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """One block of front matter."""

    start: int
    """Of its first fence, in bytes of the text."""
    inner: int
    """Where the YAML begins."""
    outer: int
    """Where the closing fence begins."""
    end: int
    """Behind the closing fence."""
    newline: str
    yaml: str

    def root(self) -> MappingNode | None:
        """The mapping; None where the YAML is empty or something else.

        Raises:
            LabelError: it is no YAML.
            TooLargeError: it is too long.
        """
        if self.outer - self.inner > MAX_YAML:
            raise TooLargeError(f"its front matter is longer than {MAX_YAML:,} bytes")
        if len(re.findall(r"[\[{]", self.yaml)) > MAX_BRACKETS:
            raise TooLargeError(f"its front matter has more than {MAX_BRACKETS:,} brackets")
        try:
            node = YAML(typ="safe", pure=True).compose(self.yaml)
        except (YAMLError, ValueError, RecursionError) as trouble:
            reason = str(getattr(trouble, "problem", None) or "nested too deep")
            raise LabelError(f"its front matter is no YAML: {reason}") from None
        return node if isinstance(node, MappingNode) else None

    def is_mapping(self) -> bool:
        """Whether it is front matter at all: text between two rules is none."""
        node = self.root()
        return node is not None or not re.sub(r"(?m)^[ \t]*(#.*)?$", "", self.yaml).strip()

    def at(self, index: int) -> int:
        """The place in bytes of the text of a character of the YAML."""
        return self.inner + len(self.yaml[:index].encode())


def found_in(data: bytes, at: int = 0) -> FrontMatter | None:
    """The front matter that begins at ``at``; None where there is none.

    Raises:
        LabelError: it is not in UTF-8.
    """
    opening = OPENING.match(data, at)
    closing = CLOSING.search(data, opening.end()) if opening else None
    if not opening or not closing:
        return None
    start = at + (len(BOM) if data.startswith(BOM, at) else 0)
    try:
        text = data[opening.end() : closing.start()].decode()
    except UnicodeDecodeError:
        raise LabelError("its front matter is not in UTF-8") from None
    return FrontMatter(start, opening.end(), closing.start(), closing.end(), opening[1].decode(), text)


def next_to(data: bytes, first: FrontMatter) -> FrontMatter | None:
    """A second one that follows the first, with blank lines between them at most."""
    blank = BLANK.match(data, first.end)
    return found_in(data, blank.end() if blank else first.end)


def entries(root: MappingNode | None, name: str, yaml: str) -> list[Entry]:
    """Those whose key is ``name``, whatever its capitals."""
    return [
        Entry(key, value, yaml)
        for key, value in (root.value if root else ())
        if isinstance(key, ScalarNode) and key.value.lower() == name.lower()
    ]


def plain(node: Node, depth: int = 0) -> Any:
    """The value of a node as its text says, each number and date as the text that it was written with."""
    if isinstance(node, ScalarNode):
        return "" if node.tag == NULL and node.value in ("", "~") else node.value
    if isinstance(node, MappingNode) and depth < 2:
        return {str(key.value): plain(value, depth + 1) for key, value in node.value}
    return [] if isinstance(node, SequenceNode) else {}


def odd_kind(node: Node) -> str:
    """What YAML takes a scalar for, where that is no text; empty where it is."""
    if not isinstance(node, ScalarNode) or node.tag == STRING:
        return ""
    return KINDS.get(str(node.tag).rpartition(":")[2], "nothing")


def span_of(key: Node, value: Node, yaml: str) -> tuple[int, int]:
    """Where a value begins and ends. A block goes on to the next token, its last value does not."""
    start = int(value.start_mark.index)
    while isinstance(value, CollectionNode) and not value.flow_style and value.value:
        last = value.value[-1]
        key, value = last if isinstance(last, tuple) else (key, last)
    if value.start_mark.index == value.end_mark.index:  # nothing: its mark is where the next token is
        place = yaml.find(":", int(key.end_mark.index)) + 1
        return min(start, place), place
    return start, int(value.end_mark.index)


def quoted(text: str) -> str:
    """``text`` in double quotes, as YAML reads it."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() else f"\\U{ord(sign):08X}"
