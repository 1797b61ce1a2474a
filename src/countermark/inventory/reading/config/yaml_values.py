"""What stands behind a key or a dash of YAML: a block of text, quotes, brackets, or plain words.

Source: YAML 1.2.2 chapters 7 and 8.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from countermark.inventory.reading.config.trees import Node, Scalar
from countermark.inventory.reading.config.yaml_lines import Lines
from countermark.inventory.reading.config.yaml_scalars import (
    DOUBLE,
    MAX_QUOTED_LINES,
    SINGLE,
    Flow,
    OddError,
    folded,
    plain,
    unescaped,
)

BLOCK = re.compile(r"([|>])(?:([1-9])?([+-])?|([+-])([1-9]))[ \t]*(?:#.*)?$")


class Values(Lines):
    """Reads one value from where a document stands, and moves behind it."""

    def literal(self, header: re.Match[str], indent: int) -> Scalar:
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

    def quoted(self, rest: str, sign: str) -> Node:
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
            self.odd("a quote that does not close")
            return Scalar(rest[1:], line, quoted=True)
        behind = text[found.end() :].lstrip(" \t")
        if behind and behind[0] != "#":
            self.at -= 1
            self.odd("something stands behind a quote")
        inner = folded(found[1], escaped=sign == '"')
        return Scalar(unescaped(inner) if sign == '"' else inner.replace("''", "'"), line, quoted=True)

    def flow(self, rest: str) -> Node:
        line = self.at + 1
        flow = Flow(rest, line, self._following(), self.anchors)
        self.at += 1
        try:
            node = flow.read()
            behind = flow.text[flow.at :].strip(" \t")
            if behind and behind[0] != "#":
                raise OddError("something stands behind a bracket that closes")
        except OddError as odd:
            self.at = line - 1
            self.odd(str(odd))
            return Scalar(rest.strip(" \t"), line)
        return node

    def _following(self) -> Iterator[str]:
        while self.at < self.end:
            self.at += 1
            yield self.lines[self.at - 1]

    def plain(self, rest: str, indent: int) -> Scalar:
        """Words without quotes, which go on as long as lines are indented deeper than their key."""
        line = self.at + 1
        cut = rest.find(" #")
        if cut < 0:
            cut = rest.find("\t#")
        text = rest[:cut].rstrip(" \t") if cut >= 0 else rest.rstrip(" \t")
        self._no_mapping(text)
        self.at += 1
        parts = [text]
        end = self.at
        at = self.at if cut < 0 else self.end
        while at < self.end:
            content = self.lines[at].strip(" \t")
            if content:
                deep = len(self.lines[at]) - len(self.lines[at].lstrip(" "))
                if deep <= indent or content[0] == "#" or self._no_mapping(content) or " #" in content:
                    break
                end = at + 1
            parts.append(content)
            at += 1
        taken = parts[: 1 + end - self.at]
        self.at = end
        return plain(folded("\n".join(taken)) if len(taken) > 1 else text, line)

    def _no_mapping(self, text: str) -> bool:
        """Whether a text has the shape of a key, which it may not have; lenient reading takes it as it is."""
        shaped = (": " in text or text.endswith(":")) and not text.startswith("{{")
        if shaped and not self.lenient:
            self.odd("a mapping stands in the value of a key")
        return shaped
