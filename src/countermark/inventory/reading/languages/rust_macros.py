"""Rust: macros, of which the grammar gives only the words."""

from __future__ import annotations

from ast_grep_py import SgNode, SgRoot

from countermark.inventory.reading.expressions import Env, Expression, Many, Table, Text, Unknown
from countermark.inventory.reading.languages import placeholders
from countermark.inventory.reading.languages.literals import unescaped
from countermark.inventory.reading.languages.operators import Operators
from countermark.inventory.reading.languages.walking import ENDED, SHOWN

MAX_MACRO = 65_536
MAX_MACROS = 6
"""Macros within macros that are read."""
TALKING = frozenset(
    "println eprintln print eprint debug info warn error trace assert assert_eq assert_ne debug_assert"  # noqa: SIM905
    " panic todo unimplemented unreachable bail anyhow ensure write writeln matches compile_error".split()
)
"""Macros of which the words answer nobody."""
ENDING = frozenset(["panic", "bail", "unreachable", "todo", "unimplemented"])
OPEN = {"(": ")", "[": "]", "{": "}"}


class Macros(Operators):
    """Reads what is in a macro as if it were the arguments of a function."""

    offset: int = 0
    """Lines before a macro that is read by itself."""
    macros: int = 0

    def invoked(self, node: SgNode) -> Expression | None:
        """``vec!["a"]``, ``json!({"model": "x"})``, ``env!("X")``, ``format!("{a}")``."""
        line = self.line
        name = node.named_children()[0].text().rpartition("::")[2]
        body = node.named_children()[-1]
        if name == "json":
            return self._json(body)
        if name in TALKING:
            return ENDED if name in ENDING else None
        args = self._arguments(body)
        if args is None:
            return None
        first = args[0] if args else None
        if name in ("env", "option_env") and type(first) is Text:
            return Env(first.value, line)
        if name in ("format", "format_args", "concat"):
            return placeholders.filled(first, args[1:]) if type(first) is Text else self.join(args, line)
        return Many(args, line) if name in ("vec", "array", "smallvec", "hashset") else None

    def _arguments(self, node: SgNode) -> tuple[Expression, ...] | None:
        """The words of a macro, read as arguments or statements; None where they are too many."""
        source = node.text()
        if self.macros >= MAX_MACROS or len(source) > MAX_MACRO:
            return None
        before, wide, line = self.offset, self.wide, self.line
        start = before + node.range().start.line
        arguments = source[:1] != "{"
        wrapped = f"fn f() {{ f({source[1:-1]}) }}" if arguments else f"fn f() {source}"
        root = SgRoot(wrapped, "rust").root()
        self.offset, self.macros, self.wide = start, self.macros + 1, True
        values = self._read(root, arguments=arguments)
        self.offset, self.macros, self.wide, self.line = before, self.macros - 1, wide, line
        return values

    def _read(self, root: SgNode, *, arguments: bool) -> tuple[Expression, ...]:
        found = root.find(kind="block")
        if found is None:
            return ()
        if not arguments:
            self.visit(found)
            return ()
        called = found.find(kind="arguments")
        return self.values(called.named_children()) if called is not None else ()

    def _json(self, node: SgNode) -> Expression | None:
        """The value that ``json!`` is written with."""
        inside = [child for child in node.children() if child.kind() not in self.comments][1:-1]
        if len(inside) == 1 and inside[0].kind() == "token_tree" and not node.text().startswith("{"):
            return self._tree(inside[0], 0)
        return self._tree(node, 0)

    def _tree(self, node: SgNode, depth: int) -> Expression:
        """``{"a": b}`` or ``["a"]``, of which only the words are known."""
        line = node.range().start.line + 1 + self.offset
        children = [child for child in node.children() if child.kind() not in self.comments]
        opening = node.text()[:1]
        groups: list[list[SgNode]] = [[]]
        for child in children if opening not in OPEN else children[1:-1]:
            if child.kind() == ",":
                groups.append([])
            else:
                groups[-1].append(child)
        groups = [group for group in groups if group]
        if opening != "{" or depth > MAX_MACROS * 2:
            return Many(tuple(self._words(group, depth) for group in groups), line)
        entries = tuple(
            (self._words(group[:1], depth), self._words(group[2:], depth))
            for group in groups
            if len(group) > 2 and group[1].kind() == ":"  # noqa: PLR2004 - key: value
        )
        return Table(entries, line)

    def _words(self, nodes: list[SgNode], depth: int) -> Expression:
        """One value: a string, something in brackets, or an expression that is read by itself."""
        line = nodes[0].range().start.line + 1 + self.offset
        source = "".join(node.text() for node in nodes)
        if len(nodes) == 1:
            kind = nodes[0].kind()
            if kind == "string_literal":
                return Text(unescaped(source[source.find('"') + 1 : -1]), line)
            if kind == "token_tree":
                return self._tree(nodes[0], depth + 1)
        if self.macros >= MAX_MACROS or len(source) > MAX_MACRO:
            return Unknown(source[:SHOWN], line)
        before, wide = self.offset, self.wide
        self.offset, self.macros, self.wide = line - 1, self.macros + 1, True
        values = self._read(SgRoot(f"fn f() {{ f({source}) }}", "rust").root(), arguments=True)
        self.offset, self.macros, self.wide = before, self.macros - 1, wide
        return values[0] if values else Unknown(source[:SHOWN], line)
