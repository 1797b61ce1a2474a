"""Ruby: expressions, statements and the table of the language."""

from __future__ import annotations

from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import (
    Call,
    Either,
    Env,
    Expression,
    Item,
    Many,
    Ref,
    Table,
    Text,
    Unknown,
)
from countermark.inventory.reading.languages import idioms
from countermark.inventory.reading.languages.chains import attribute, receiver
from countermark.inventory.reading.languages.literals import unescaped
from countermark.inventory.reading.languages.ruby_statements import Statements
from countermark.inventory.reading.languages.walking import ENDED, TESTED, Handler, Walker

TESTING = frozenset(
    ["describe", "context", "it", "specify", "test", "before", "let", "let!", "scenario", "feature"]
)
FIELDS = (
    "attribute setting config_accessor class_attribute mattr_accessor cattr_accessor option property has"
    " field thread_mattr_accessor attr_config param"
)
"""Methods of classes that make a field with a default."""


def field(walker: Walker, call: Call) -> Expression | None:
    """``setting :model, default: "x"``."""
    default = dict(call.kwargs).get("default")
    if type(call.function) is Ref and call.args and type(call.args[0]) is Text and default is not None:
        walker.bind((*walker.scope, call.args[0].value), default, call.line, field=True)
    return None


def dug(walker: Walker, call: Call) -> Expression | None:
    """``settings.dig(:openai, :model)``."""
    of = receiver(call.function)
    for key in call.args:
        if of is not None and type(key) is Text:
            of = Item(of, key, call.line)
    return of


class Ruby(Statements):
    """One file of Ruby."""

    idioms = idioms.SHARED | idioms.table(
        {
            field: FIELDS,
            dug: "dig",
            idioms.got: "fetch",
            idioms.stripped: "freeze to_s to_sym strip presence to_str dup squish downcase upcase chomp",
            idioms.unwrapped: "String URI",
            idioms.put: "store",
            idioms.formatted: "format sprintf",
            idioms.emptied: "nil? empty? blank? present?",
        }
    )

    def string(self, node: SgNode) -> Expression:
        """``"a #{b}"``, ``'a'``, ``%q(a)``."""
        line, source = self.line, node.text()
        if "#{" not in source and source[:1] in ("'", '"'):
            plain = source[1:-1]
            return Text(unescaped(plain) if source[0] == '"' else plain.replace("\\'", "'"), line)
        return self.pieces(node)

    def pieces(self, node: SgNode) -> Expression:
        """The pieces of a string."""
        line = self.line
        parts: list[Expression] = []
        for child in node.named_children():
            kind = child.kind()
            if kind == "interpolation":
                parts.append(self.inner(child) or Unknown(child.text()[:80], line))
            elif kind in ("string_content", "escape_sequence", "heredoc_content"):
                parts.append(Text(unescaped(child.text()), line))
        if node.kind() == "heredoc_body" and parts and type(parts[0]) is Text:
            parts[0] = Text(parts[0].value.removeprefix("\n"), line)
        texts = [part for part in parts if type(part) is Text]
        if len(texts) == len(parts):
            return Text("".join(part.value for part in texts), line)
        return self.join(parts, line)

    def chained(self, node: SgNode) -> Expression:
        """``"a" "b"``."""
        line = self.line
        return self.join(self.values(node.named_children()), line)

    def symbol(self, node: SgNode) -> Expression:
        """``:a``, ``a:``."""
        return Text(node.text().strip(":").strip("\"'"), self.line)

    def word(self, node: SgNode) -> Expression:
        """A word of ``%w[a b]``."""
        return Text(node.text(), self.line)

    def variable(self, node: SgNode) -> Expression:
        """``@a``, ``@@a``, ``$a``: those with ``@`` are of ``self``."""
        source = node.text()
        name = source.lstrip("@$")
        self.references.add(name)
        return Ref(("self", name) if source[0] == "@" else (name,), self.line)

    def scoped(self, node: SgNode) -> Expression:
        """``A::B``."""
        path = tuple(part for part in node.text().split("::") if part)
        self.references.update(path)
        return Ref(path, self.line)

    def array(self, node: SgNode) -> Expression:
        """``["a", b]``, ``%w[a b]``."""
        line = self.line
        return Many(self.values(node.named_children()), line)

    def hashed(self, node: SgNode) -> Expression:
        """``{ "a" => b, c: d }``."""
        line = self.line
        return Table(tuple(self.pair(child) for child in self.parts(node)), line)

    def pair(self, node: SgNode) -> tuple[Expression, Expression]:
        """``a: b``, ``"a" => b``, ``**c``."""
        line = self.line
        parts = self.parts(node)
        if node.kind() != "pair" or not parts:
            return Text("**", line), self.inner(node) or Unknown(node.text()[:80], line)
        key = self.value(parts[0])
        if len(parts) == 1 and type(key) is Text:
            return key, Ref((key.value,), line)
        return key, self.value(parts[-1])

    def item(self, node: SgNode) -> Expression:
        """``ENV["X"]``, ``a[:b]``."""
        line, parts = self.line, self.parts(node)
        of = self.value(parts[0])
        key = self.value(parts[1]) if len(parts) > 1 else Unknown("", line)
        if type(key) is Text and type(of) is Ref and of.path[-1] == "ENV":
            return Env(key.value, line)
        return Item(of, key, line)

    def called(self, node: SgNode) -> Expression | None:
        """``a.f(b, c: d) { … }``; without arguments it may be an attribute."""
        line = self.line
        of, name = node.field("receiver"), node.field("method")
        given, block = node.field("arguments"), node.field("block")
        called = name.text() if name is not None else "call"
        self.references.add(called)
        function: Expression = Ref((called,), line)
        if of is not None:
            function = self.value(of) if called == "new" else attribute(self.value(of), called, line)
        elif given is not None and called in ("require", "require_relative", "load", "autoload"):
            self.imported(given, called, line)
            return None
        if given is None and block is None and called != "new" and called not in self.idioms:
            return function
        before = self.contexts
        if called in TESTING and block is not None:
            self.contexts |= TESTED
        args, kwargs = self._arguments(given)
        if block is not None:
            value = self.visit(block)
            kwargs += tuple(self.gave)
            if called in ("fetch", "presence", "lazy") and value is not None:
                args += (value,)
        result = self.call(function, line, args, kwargs)
        self.contexts = before
        return ENDED if of is None and called in ("raise", "exit", "abort") else result

    def _arguments(
        self, node: SgNode | None
    ) -> tuple[tuple[Expression, ...], tuple[tuple[str, Expression], ...]]:
        args: list[Expression] = []
        kwargs: list[tuple[str, Expression]] = []
        for argument in self.parts(node) if node is not None else ():
            if argument.kind() == "pair":
                key, value = self.pair(argument)
                kwargs.append((key.value if type(key) is Text else "", value))
            elif argument.kind() == "hash_splat_argument":
                kwargs.append(("**", self.inner(argument) or Unknown("", self.line)))
            else:
                args.append(self.value(argument))
        return tuple(args), tuple(kwargs)

    def conditional(self, node: SgNode) -> Expression:
        """``a ? b : c``."""
        return self.ternary(node)

    def rescued(self, node: SgNode) -> Expression:
        """``a rescue b``."""
        line = self.line
        return Either(self.values(self.parts(node)), line)

    kinds: ClassVar[dict[str, Handler]] = Statements.kinds | {
        "identifier": Walker.name,
        "constant": Walker.name,
        "self": Walker.name,
        "instance_variable": variable,
        "class_variable": variable,
        "global_variable": variable,
        "scope_resolution": scoped,
        "string": string,
        "heredoc_body": pieces,
        "bare_string": word,
        "bare_symbol": word,
        "chained_string": chained,
        "simple_symbol": symbol,
        "hash_key_symbol": symbol,
        "delimited_symbol": symbol,
        "array": array,
        "string_array": array,
        "symbol_array": array,
        "hash": hashed,
        "element_reference": item,
        "call": called,
        "binary": Statements.binary,
        "unary": Statements.unary,
        "conditional": conditional,
        "rescue_modifier": rescued,
        "parenthesized_statements": Walker.inner,
        "integer": Walker.literal,
        "float": Walker.literal,
        "true": Walker.literal,
        "false": Walker.literal,
        "nil": Walker.literal,
        "comment": Walker.skip,
        "regex": Walker.skip,
        "heredoc_beginning": Statements.heredoc,
    }
