"""C#: expressions, statements and the table of the language."""

from __future__ import annotations

import re
from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import (
    Call,
    Expression,
    Guard,
    Item,
    Many,
    Ref,
    Setting,
    Table,
    Text,
    Unknown,
)
from countermark.inventory.reading.languages import idioms, placeholders
from countermark.inventory.reading.languages.chains import attribute, last
from countermark.inventory.reading.languages.csharp_statements import Statements
from countermark.inventory.reading.languages.literals import dedented, unescaped
from countermark.inventory.reading.languages.walking import Condition, Handler, Walker

CHAIN = re.compile(r"\w+(?:\.\w+)+")
OPTIONS = re.compile(r"(?:option|setting|config)\w*$", re.IGNORECASE)
OPTIONS_VALUE = frozenset(["Value", "CurrentValue"])
"""What options are read through: ``_options.Value.Model``."""
TABLES = frozenset(["Dictionary", "SortedDictionary", "ConcurrentDictionary", "JObject", "JsonObject"])


class CSharp(Statements):
    """One file of C#."""

    idioms = idioms.SHARED | idioms.table({idioms.configured: "GetConnectionString", idioms.listed: "Array"})

    def string(self, node: SgNode) -> Expression:
        """``"x"``."""
        return Text(unescaped(node.text()[1:-1]), self.line)

    def verbatim(self, node: SgNode) -> Expression:
        """``@"x"``."""
        return Text(node.text()[2:-1].replace('""', '"'), self.line)

    def raw(self, node: SgNode) -> Expression:
        '''``"""x"""``.'''
        source = node.text()
        quotes = len(source) - len(source.lstrip('"'))
        return Text(dedented(source[quotes:-quotes]), self.line)

    def interpolated(self, node: SgNode) -> Expression:
        """``$"a {b}"``."""
        line = self.line
        parts: list[Expression] = []
        for child in node.named_children():
            kind = child.kind()
            if kind == "string_content":
                parts.append(Text(unescaped(child.text()), line))
            elif kind == "interpolation":
                inner = [
                    part for part in child.named_children() if not part.kind().startswith("interpolation")
                ]
                parts.append(self.value(inner[0] if inner else None))
            elif kind == "escape_sequence":
                parts.append(Text(unescaped(child.text()), line))
        return self.join(parts, line)

    def member(self, node: SgNode) -> Expression:
        """``a.B``, ``a.B<T>``."""
        line, source = self.line, node.text()
        if CHAIN.fullmatch(source):
            chain = source.split(".")
            self.references.update(chain)
            if len(chain) > 2 and chain[-2] in OPTIONS_VALUE and OPTIONS.search(chain[-3]):  # noqa: PLR2004
                del chain[-2]
            return Ref(tuple(chain), line)
        children = node.children()
        name = children[-1].text().partition("<")[0].lstrip(".")
        self.references.add(name)
        of = self.value(children[0])
        if name in OPTIONS_VALUE and OPTIONS.search(last(of)):
            return of
        return attribute(of, name, line)

    def conditional_member(self, node: SgNode) -> Expression:
        """``a?.B``."""
        line, children = self.line, node.named_children()
        of = self.value(children[0])
        names = [
            part.strip()
            for part in children[-1].text().partition("(")[0].split(".")
            if part.strip().isidentifier()
        ]
        self.references.update(names)
        for name in names:
            of = attribute(of, name, line)
        if children[-1].kind() == "invocation_expression":
            return self.call(of, line, self._arguments(children[-1].named_children()[-1])[0])
        return of

    def generic(self, node: SgNode) -> Expression:
        """``F<T>``: without its types."""
        name = node.text().partition("<")[0]
        self.references.add(name)
        return Ref((name,), self.line)

    def item(self, node: SgNode) -> Expression:
        """``a["b"]``; a setting, where ``a`` is the configuration."""
        line = self.line
        of, *_, keys = node.named_children()
        holder, (key, *_) = self.value(of), (*self._arguments(keys)[0], Unknown("", line))
        if type(key) is Text and isinstance(holder, Ref | Setting):
            if type(holder) is Setting:
                return Setting((*holder.path, *placeholders.DOT.split(key.value)), line)
            if idioms.holds_settings(last(holder)):
                return placeholders.setting(key.value, line)
        return Item(holder, key, line)

    def _arguments(self, node: SgNode) -> tuple[tuple[Expression, ...], tuple[tuple[str, Expression], ...]]:
        args: list[Expression] = []
        kwargs: list[tuple[str, Expression]] = []
        for argument in node.named_children():
            children = argument.children()
            if argument.kind() != "argument" or not children:
                continue
            self.gave = []
            value = self.value(children[-1])
            if len(children) > 2 and children[1].kind() == ":":  # noqa: PLR2004 - name: value
                kwargs.append((children[0].text(), value))
            elif self.gave:
                kwargs += self.gave
            else:
                args.append(value)
        return tuple(args), tuple(kwargs)

    def called(self, node: SgNode) -> Expression:
        """``a.F<T>(b, name: c)``."""
        line = self.line
        callee, *_, given = node.named_children()
        function = self.value(callee)
        args, kwargs = self._arguments(given)
        kind = callee.text().rpartition("<")[2].rstrip(">") if callee.text().endswith(">") else ""
        filled = self._filling(function, args, kind, line) if kind else None
        return self.call(function, line, args, kwargs) if filled is None else filled

    def _filling(
        self, function: Expression, args: tuple[Expression, ...], kind: str, line: int
    ) -> Expression | None:
        """``Configure<T>(config.GetSection("A"))``, ``config.GetSection("A").Get<T>()``."""
        name = last(function)
        section = args[0] if name == "Configure" and args else getattr(function, "of", None)
        if type(section) is Setting and name in ("Configure", "Get"):
            self.module.settings_classes[kind] = ".".join(section.path)
            self.references.add(kind)
            return Call(Ref((kind,), line), line) if name == "Get" else None
        return None

    def made(self, node: SgNode) -> Expression:
        """``new T(a) { B = c }``; the type of ``new(a)`` is not said here."""
        line, kind = self.line, node.field("type")
        name = kind.text() if kind is not None else self.expected
        path = tuple(name.partition("<")[0].rstrip("?").split("."))
        self.references.update(path)
        args: tuple[Expression, ...] = ()
        kwargs: tuple[tuple[str, Expression], ...] = ()
        made: Expression | None = None
        for part in self.parts(node):
            if part.kind() == "argument_list":
                args, kwargs = self._arguments(part)
            elif part.kind() == "initializer_expression":
                made = self.initializer(part)
        if type(made) is Table:
            named = [(key.value, value) for key, value in made.entries if type(key) is Text]
            if path[-1] in TABLES:
                return made
            kwargs += tuple(named)
        elif type(made) is Many and made.items:
            return made
        return self.call(Ref(path, line), line, args, kwargs)

    def initializer(self, node: SgNode) -> Expression:
        """``{ A = b, ["c"] = d, { "e", "f" } }``, ``{ "a", "b" }``."""
        line = self.line
        entries: list[tuple[Expression, Expression]] = []
        items: list[Expression] = []
        for child in self.parts(node):
            kind = child.kind()
            if kind == "assignment_expression":
                key, *_, value = child.named_children()
                name = Text(key.text(), line) if key.kind() == "identifier" else self.inner(key)
                entries.append((name or Unknown(key.text(), line), self.value(value)))
            elif kind == "initializer_expression":
                inner = self.initializer(child)
                pair = inner.items if type(inner) is Many else ()
                entries += [(pair[0], pair[1])] if len(pair) == 2 else []  # noqa: PLR2004
            else:
                items.append(self.value(child))
        return Table(tuple(entries), line) if entries else Many(tuple(items), line)

    def anonymous(self, node: SgNode) -> Expression:
        """``new { model = "x" }``."""
        line, children = self.line, node.children()
        entries: list[tuple[Expression, Expression]] = []
        for at, child in enumerate(children):
            if child.kind() == "=" and 0 < at < len(children) - 1:
                entries.append((Text(children[at - 1].text(), line), self.value(children[at + 1])))
            elif child.is_named() and children[at - 1].kind() != "=" and children[at + 1].kind() != "=":
                value = self.value(child)
                entries.append((Text(last(value), line), value))
        return Table(tuple(entries), line)

    def listed(self, node: SgNode) -> Expression:
        """``["a", "b"]``."""
        line = self.line
        return Many(self.values(node.named_children()), line)

    def changed(self, node: SgNode) -> Expression:
        """``p with { M = "x" }``."""
        line, children = self.line, node.named_children()
        entries = []
        for part in children[1:]:
            key, value = part.named_children()[0], part.named_children()[-1]
            entries.append((key.text(), self.value(value)))
        return self.call(self.value(children[0]), line, (), tuple(entries))

    def matched(self, node: SgNode) -> Expression:
        """``a is "x" or "y"``, ``a is null``."""
        line, (of, *_, pattern) = self.line, node.named_children()
        test, values = self.value(of), self.pattern(pattern)
        found = [self.compare(test, value, line) for value in values]
        if len(found) == 1:
            return found[0]
        texts = tuple(value.value for value in values if type(value) is Text)
        return Condition("", line, Guard(test, texts)) if texts else Condition("", line)

    kinds: ClassVar[dict[str, Handler]] = Statements.kinds | {
        "string_literal": string,
        "verbatim_string_literal": verbatim,
        "raw_string_literal": raw,
        "interpolated_string_expression": interpolated,
        "member_access_expression": member,
        "conditional_access_expression": conditional_member,
        "generic_name": generic,
        "element_access_expression": item,
        "invocation_expression": called,
        "object_creation_expression": made,
        "implicit_object_creation_expression": made,
        "initializer_expression": initializer,
        "anonymous_object_creation_expression": anonymous,
        "implicit_array_creation_expression": Statements.last_of,
        "array_creation_expression": Statements.last_of,
        "collection_expression": listed,
        "with_expression": changed,
        "is_pattern_expression": matched,
        "is_expression": Walker.rest,
        "typeof_expression": Walker.skip,
    }
