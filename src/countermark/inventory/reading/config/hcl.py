"""The configuration language of HashiCorp as a tree; what is no literal becomes a sign for an expression.

Source: HCL native syntax specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ast_grep_py import SgNode

from countermark.inventory.reading.config import json_files
from countermark.inventory.reading.config.conditions import Condition
from countermark.inventory.reading.config.entries import ENVIRONMENTS
from countermark.inventory.reading.config.go_templates import Template
from countermark.inventory.reading.config.trees import MAX_DEPTH, Mapping, Node, Scalar, Sequence
from countermark.inventory.reading.expressions import Either, Expression, Item, Join, Setting, Text, Unknown

COMMENTED = re.compile(r"""(?:#|//)+\s*"?([A-Za-z_][\w-]*)"?\s*=\s*(?:"([^"\n]*)"|([\w.\-]+))\s*,?\s*$""")
COUNTED = re.compile(
    r"(?:count|for_each)\s*=\s*\(?\s*(!?)\s*(var|local)\.([\w.]+)\s*\)?\s*(?:==\s*true\s*)?\?\s*(\S+)"
)
"""``count = var.enabled ? 1 : 0``"""
NONE = ("0", "[]", "{}", "toset([])")
ENCODERS = (
    "jsonencode",
    "yamlencode",
    "tomap",
    "tolist",
    "toset",
    "sensitive",
    "nonsensitive",
    "tostring",
    "base64encode",
)
MAX_COMMENTED = 2_000


@dataclass
class Builder:
    """From the tree of the grammar to ours; what is no literal becomes a sign, as in a template."""

    template: Template = field(default_factory=lambda: Template(""))
    commented: list[tuple[tuple[str, ...], Scalar]] = field(default_factory=list)
    """Attributes in comments, with their paths."""
    conditions: list[Condition] = field(default_factory=list)
    """Blocks that are only made when a variable is true."""
    path: tuple[str, ...] = ()

    def body(self, node: SgNode, depth: int) -> Mapping:
        """Attributes and blocks; blocks that stand several times are a list."""
        made = Mapping([], _line(node))
        if depth > MAX_DEPTH:
            return made
        blocks: dict[str, list[tuple[int, Node]]] = {}
        for child in node.children():
            kind = child.kind()
            if kind == "attribute":
                made.items.append(self._attribute(child, depth))
            elif kind == "block":
                self._block(child, made, blocks, depth)
            elif kind == "comment":
                self._comment(child)
        for name, found in blocks.items():
            listed = len(found) > 1 or (name.lower() in ENVIRONMENTS and _is_variable(found[0][1]))
            value = Sequence([each for _, each in found], found[0][0]) if listed else found[0][1]
            made.items.append((name, found[0][0], value))
        return made

    def _block(
        self, node: SgNode, owner: Mapping, blocks: dict[str, list[tuple[int, Node]]], depth: int
    ) -> None:
        """A block with labels goes under them, as in ``resource "a" "b" {}``."""
        names = [_label(c) for c in node.children() if c.kind() in ("identifier", "string_lit")]
        body = next((c for c in node.children() if c.kind() == "body"), None)
        before, self.path = self.path, (*self.path, *names)
        inner = self.body(body, depth + 1) if body is not None else Mapping([], _line(node))
        for child in node.children():
            if child.kind() == "comment":  # in a block that is empty but for it
                self._comment(child)
        self.path = before
        for child in body.children() if body is not None else []:
            if child.kind() == "attribute" and (found := COUNTED.match(child.text())):
                last = int(node.range().end.line) + 1
                path = (found[2], *found[3].split("."))
                self.conditions.append(
                    Condition(_line(node), last, path, (found[1] == "") != (found[4] in NONE))
                )
        if names[:1] == ["dynamic"] or len(names) <= 1:
            blocks.setdefault(names[-1] if names else "", []).append((_line(node), inner))
            return
        table = owner
        for name in names[:-1]:
            below = next((v for k, _, v in table.items if k == name and isinstance(v, Mapping)), None)
            if below is None:
                below = Mapping([], _line(node))
                table.items.append((name, _line(node), below))
            table = below
        table.items.append((names[-1], _line(node), inner))

    def _attribute(self, node: SgNode, depth: int) -> tuple[str, int, Node]:
        children = node.children()
        name = children[0].text() if children else ""
        value = next((c for c in children if c.kind() == "expression"), None)
        line = _line(node)
        return name, line, Scalar("", line) if value is None else self._within((name,), value, depth)

    def _within(self, keys: tuple[str, ...], node: SgNode, depth: int) -> Node:
        """A value, with the keys that comments in it stand below."""
        before, self.path = self.path, (*self.path, *keys)
        made = self.value(node, depth + 1)
        self.path = before
        return made

    def _comment(self, node: SgNode) -> None:
        line = _line(node)
        found = COMMENTED.match(node.text().strip())
        if found and len(self.commented) < MAX_COMMENTED:
            value = found[2] if found[2] is not None else found[3]
            self.commented.append(((*self.path, found[1]), Scalar(value, line)))

    def value(self, node: SgNode, depth: int) -> Node:
        """What stands behind ``=``."""
        line = _line(node)
        children = [child for child in node.children() if child.kind() != "comment"]
        if depth > MAX_DEPTH or (len(children) != 1 and node.kind() == "collection_value"):
            return Scalar("", line)
        only = children[0] if len(children) == 1 else None
        kind = only.kind() if only is not None else ""
        made: Node | None = None
        if only is None:
            pass
        elif kind in ("collection_value", "expression"):
            made = self.value(only, depth + 1)
        elif kind in ("object", "tuple"):
            made = self._collection(only, depth)
        elif kind == "literal_value":
            made = Scalar(_literal(only), line, quoted=only.text()[:1] == '"')
        elif kind == "function_call" and _function(only) in (*ENCODERS, "merge"):
            made = self._encoded(only, depth)
        return made if made is not None else self._sign(self.expression(node, depth + 1), line)

    def _sign(self, expression: Expression, line: int) -> Scalar:
        if isinstance(expression, Text):
            return Scalar(expression.value, line, quoted=True)
        self.template.expressions.append(expression)
        return Scalar(f"\ue000{len(self.template.expressions) - 1}\ue001", line)

    def _collection(self, node: SgNode, depth: int) -> Node:
        if node.kind() == "tuple":
            items = [self.value(c, depth + 1) for c in node.children() if c.kind() == "expression"]
            return Sequence(items, _line(node))
        made = Mapping([], _line(node))
        for element in node.children():
            if element.kind() == "comment":
                self._comment(element)
            elif element.kind() == "object_elem":
                parts = [c for c in element.children() if c.kind() == "expression"]
                if len(parts) == 2:  # noqa: PLR2004 - a key and a value
                    key = parts[0].text().strip('"() ')
                    made.items.append((key, _line(parts[0]), self._within((key,), parts[1], depth)))
        return made

    def _encoded(self, node: SgNode, depth: int) -> Node:
        """What a function like ``jsonencode`` is given; the mappings of ``merge`` together."""
        arguments = [c for a in node.children() if a.kind() == "function_arguments" for c in a.children()]
        values = [self.value(a, depth + 1) for a in arguments if a.kind() == "expression"]
        if len(values) == 1:
            return values[0]
        items = [item for value in values if isinstance(value, Mapping) for item in value.items]
        return Mapping(items, _line(node))

    def expression(self, node: SgNode, depth: int) -> Expression:
        """What an expression stands for, as far as it is followed."""
        line = _line(node)
        children = [child for child in node.children() if child.kind() != "comment"]
        kind = children[0].kind() if children and depth <= MAX_DEPTH else ""
        made: Expression | None = None
        if kind == "variable_expr":
            made = self._traversal(children, line)
        elif len(children) == 1:
            only = children[0]
            if kind in ("expression", "collection_value"):
                made = self.expression(only, depth + 1)
            elif kind == "literal_value":
                made = Text(_literal(only), line)
            elif kind == "template_expr":
                made = self._template(only, depth)
            elif kind == "conditional":
                options = [c for c in only.children() if c.kind() == "expression"][1:]
                made = Either(tuple(self.expression(o, depth + 1) for o in options), line, ordered=False)
            elif kind == "function_call":
                made = self._call(only, depth)
        return made or Unknown(node.text()[:80], line)

    def _traversal(self, children: list[SgNode], line: int) -> Expression:
        """``var.x``, ``local.a["b"]``, ``aws_x.y.z``."""
        path = [children[0].text()]
        for child in children[1:]:
            text = child.text()
            if child.kind() == "get_attr":
                path.append(text.lstrip("."))
            elif found := re.fullmatch(r"""\[\s*"?([\w-]+)"?\s*\]""", text):
                path.append(f"[{found[1]}]" if found[1].isdigit() else found[1])
            elif child.kind() == "index" and path[0] in ("var", "local") and len(path) > 1:
                key = self.expression(child, 0)
                return Item(Setting(tuple(path), line), key, line)
        if path[0] in ("each", "count", "self", "path", "terraform") or len(path) == 1:
            return Unknown(".".join(path)[:80], line)
        return Setting(tuple(path), line)

    def _template(self, node: SgNode, depth: int) -> Expression:
        parts: list[Expression] = []
        for child in _pieces(node):
            if child.kind() == "template_literal":
                parts.append(Text(child.text(), _line(child)))
            else:
                inner = next((c for c in child.children() if c.kind() == "expression"), None)
                parts.append(
                    Unknown(child.text()[:80], _line(child))
                    if inner is None
                    else self.expression(inner, depth + 1)
                )
        if not parts:
            return Text("", _line(node))
        return parts[0] if len(parts) == 1 else Join(tuple(parts), _line(node))

    def _call(self, node: SgNode, depth: int) -> Expression:
        name = _function(node)
        arguments = [
            self.expression(c, depth + 1)
            for a in node.children() if a.kind() == "function_arguments"
            for c in a.children() if c.kind() == "expression"
        ]  # fmt: skip
        if name in ENCODERS and arguments:
            return arguments[0]
        if name == "coalesce" or (name == "try" and arguments):
            return Either(tuple(arguments), _line(node))
        if name == "lookup" and len(arguments) > 1:
            default = arguments[2] if len(arguments) > 2 else None  # noqa: PLR2004 - lookup(map, key, default)
            return Item(arguments[0], arguments[1], _line(node), default)
        if name == "format" and arguments and isinstance(arguments[0], Text):
            pieces = re.split(r"%[svdq]", arguments[0].value)
            return _formatted(pieces, arguments[1:], _line(node))
        return Unknown(node.text()[:80], _line(node))


def _formatted(pieces: list[str], given: list[Expression], line: int) -> Expression:
    parts: list[Expression] = []
    for number, piece in enumerate(pieces):
        parts += [Text(piece, line)] if piece else []
        parts += given[number : number + 1] if number < len(pieces) - 1 else []
    return Join(tuple(parts), line)


def _pieces(node: SgNode) -> Iterator[SgNode]:
    """The literals and interpolations of a template, in quotes or a here-document."""
    for child in node.children():
        if child.kind() in ("template_literal", "template_interpolation"):
            yield child
        elif child.kind() in ("quoted_template", "heredoc_template"):
            yield from _pieces(child)


def _line(node: SgNode) -> int:
    return int(node.range().start.line) + 1


def _label(node: SgNode) -> str:
    return node.text().strip('"')


def _function(node: SgNode) -> str:
    children = node.children()
    return children[0].text() if children else ""


def _literal(node: SgNode) -> str:
    text = node.text().strip()
    if text[:1] == '"':
        return json_files.unescaped(text[1:-1]).replace("$${", "${")
    return "" if text == "null" else text


def _is_variable(node: Node) -> bool:
    return isinstance(node, Mapping) and node.get("name") is not None
