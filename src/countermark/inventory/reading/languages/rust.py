"""Rust: expressions, statements and the table of the language."""

from __future__ import annotations

import re
from typing import ClassVar

from ast_grep_py import SgNode

from countermark.inventory.reading.expressions import (
    Call,
    Env,
    Expression,
    Item,
    Many,
    Ref,
    Text,
)
from countermark.inventory.reading.languages import idioms
from countermark.inventory.reading.languages.branching import Arm
from countermark.inventory.reading.languages.chains import last, receiver
from countermark.inventory.reading.languages.literals import unescaped
from countermark.inventory.reading.languages.rust_items import Items
from countermark.inventory.reading.languages.rust_macros import Macros
from countermark.inventory.reading.languages.walking import ENDED, HANDLED, Condition, Handler, Walker

GENERIC = re.compile(r"(?:::)?<[^<>]*(?:<[^<>]*>[^<>]*)*>")
WRAPPERS = frozenset(
    [
        "String",
        "Box",
        "Arc",
        "Rc",
        "Cow",
        "Lazy",
        "LazyLock",
        "OnceCell",
        "Mutex",
        "RwLock",
        "PathBuf",
        "SecretString",
        "SecretBox",
        "Secret",
        "Some",
        "Zeroizing",
    ]
)
TABLES = frozenset(["HashMap", "BTreeMap", "IndexMap"])
LISTS = frozenset(["Vec", "HashSet", "BTreeSet", "VecDeque"])


def wrapped(walker: Walker, call: Call) -> Expression | None:
    """``String::from("x")``, ``Arc::new(x)``, ``HashMap::from([…])``."""
    name = last(receiver(call.function) or call.function)
    if name in WRAPPERS:
        return idioms.unwrapped(walker, call)
    if name in TABLES:
        return idioms.tabled(walker, call)
    return idioms.listed(walker, call) if name in LISTS and call.args else None


def variable(walker: Walker, call: Call) -> Expression | None:
    """``env::var("X")``."""
    of = receiver(call.function)
    if of is None or len(call.args) != 1 or not idioms.ENV_OWNER.fullmatch(last(of)):
        return None
    key = call.args[0]
    return Env(key.value, call.line) if type(key) is Text else Item(of, key, call.line)


class Rust(Items, Macros):
    """One file of Rust."""

    chain = re.compile(r"[a-z_]\w*(?:\.\w+)+")
    idioms = idioms.SHARED | idioms.table(
        {
            wrapped: "from new with_capacity",
            variable: "var var_os",
            idioms.unwrapped: "Some Ok",
            idioms.stripped: "to_string to_owned into as_str clone unwrap expect ok as_ref as_deref"
            " unwrap_or_default map_err context with_context cloned as_bytes trim parse to_lowercase"
            " iter into_iter to_vec try_into ok_or ok_or_else",
            idioms.set_default: "set_default",
            idioms.emptied: "is_empty is_none is_some",
        }
    )

    def string(self, node: SgNode) -> Expression:
        """``"x"``, ``b"x"``."""
        source = node.text()
        return Text(unescaped(source[source.find('"') + 1 : -1]), self.line)

    def raw(self, node: SgNode) -> Expression:
        """``r#"x"#``."""
        source = node.text()
        return Text(source[source.find('"') + 1 : source.rfind('"')], self.line)

    def scoped(self, node: SgNode) -> Expression:
        """``a::b::C``."""
        path = tuple(part.strip() for part in GENERIC.sub("", node.text()).split("::"))
        path = tuple(part for part in path if part and part not in ("crate", "super"))
        self.references.update(path)
        if path[:1] == ("Self",):
            path = ("self", *path[1:])
        return Ref(path or ("crate",), self.line)

    def generic(self, node: SgNode) -> Expression | None:
        """``f::<T>``: without its types."""
        return self.visit(node.named_children()[0])

    def called(self, node: SgNode) -> Expression:
        """``f(a)``."""
        line = self.line
        callee, *_, given = node.named_children()
        return self.call(self.value(callee), line, self.values(given.named_children()))

    def built(self, node: SgNode) -> Expression:
        """``T { model: "x", ..Default::default() }``."""
        line = self.line
        name, body = node.named_children()[0], node.named_children()[-1]
        kwargs: list[tuple[str, Expression]] = []
        for part in body.named_children():
            if part.kind() == "field_initializer":
                key, *_, value = part.named_children()
                kwargs.append((key.text(), self.value(value)))
            elif part.kind() == "shorthand_field_initializer":
                self.references.add(part.text())
                kwargs.append((part.text(), Ref((part.text(),), line)))
            else:
                self.visit(part)
        path = tuple(GENERIC.sub("", name.text()).split("::"))
        if path == ("Self",) and self.owner:
            path = self.owner[-1:]
            for field, given in kwargs:
                if type(given) is not Ref or given.path != (field,):
                    self.bind((*self.owner, field), given, given.line, field=True)
        self.references.update(path)
        return self.call(Ref(path, line), line, (), tuple(kwargs))

    def listed(self, node: SgNode) -> Expression:
        """``["a"]``, ``("a", b)``."""
        line = self.line
        return Many(self.values(node.named_children()), line)

    def item(self, node: SgNode) -> Expression:
        """``a["b"]``."""
        line = self.line
        of, *_, key = self.values(node.named_children())
        return Item(of, key, line)

    def closure(self, node: SgNode) -> Expression | None:
        """``|x| f(x)``."""
        body = node.field("body")
        if body is None:
            return None
        with self.within(f"@{self.line}"):
            value = self.visit(body)
        return None if value is ENDED else value

    def branch(self, node: SgNode) -> Expression | None:
        """``if … else if … else``."""
        arms: list[Arm] = []
        while True:
            test, then, other = node.field("condition"), node.field("consequence"), node.field("alternative")
            arms.append((test, [then] if then is not None else []))
            inner = self.parts(other) if other is not None else []
            if not inner or inner[0].kind() != "if_expression":
                break
            node = inner[0]
        if inner:
            arms.append((None, inner))
        return self.branches(arms)

    def let_condition(self, node: SgNode) -> Expression:
        """``let Some(v) = o``: whether there is a value."""
        line, pattern, given = self.line, node.field("pattern"), node.field("value")
        value = self.value(given)
        written = pattern.text() if pattern is not None else ""
        if written.startswith(("Some(", "Ok(")) and written[-2:-1] != ")":
            self.bind((*self.scope, written.partition("(")[2].rstrip(")")), value, line)
        return Ref(("err",), line) if written.startswith("Err(") else Condition("", line)

    def match(self, node: SgNode) -> Expression | None:
        """``match x { "a" => … }``."""
        line, subject, body = self.line, node.field("value"), node.field("body")
        value, found = self.value(subject), []
        before = self.contexts
        for arm in self.parts(body) if body is not None else ():
            pattern, given = arm.field("pattern"), arm.field("value")
            written = pattern.text() if pattern is not None else ""
            self.contexts = before | HANDLED if written.startswith(("Err(", "None")) else before
            labels = self._labels(pattern) if pattern is not None and '"' in written else []
            found.append(self.case(value, labels, [given] if given is not None else []))
        self.contexts = before
        return self.one_of(found, line)

    def _labels(self, node: SgNode) -> list[Expression]:
        """The strings of a pattern: ``"a" | "b"``, ``Some("a")``."""
        if node.kind() == "string_literal":
            return [self.string(node)]
        return [label for child in node.named_children() for label in self._labels(child)]

    def assignment(self, node: SgNode) -> Expression | None:
        """``self.a = x``."""
        left, *_, right = node.named_children()
        line, value = self.line, self.value(right)
        target = self.visit(left) if left.kind() != "identifier" else Ref((left.text(),), line)
        if type(target) is Ref:
            self.assign(target.path, value, line)
        elif type(target) is Item and type(target.of) is Ref and type(target.key) is Text:
            self.assign((*target.of.path, target.key.value), value, line)
        return None

    def let(self, node: SgNode) -> None:
        """``let x = f();``."""
        line, pattern, given = self.line, node.field("pattern"), node.field("value")
        other = node.field("alternative")
        if given is not None and pattern is not None:
            value = self.value(given)
            name = pattern.text().removeprefix("mut ").strip()
            found = re.fullmatch(r"(?:Some|Ok)\((\w+)\)", name)
            name = found[1] if found else name
            if name.isidentifier():
                self.bind((*self.scope, name), value, line)
        if other is not None:
            self.visit(other)

    def body(self, node: SgNode) -> Expression | None:
        """A block: its last expression is its value."""
        return self.items(node.named_children())

    def statement(self, node: SgNode) -> Expression | None:
        """An expression as a statement; without a semicolon at the end of a block it is its value."""
        children = node.children()
        value = self.visit(children[0])
        return value if value is ENDED or children[-1].kind() != ";" else None

    kinds: ClassVar[dict[str, Handler]] = Items.kinds | {
        "block": body,
        "expression_statement": statement,
        "let_declaration": let,
        "string_literal": string,
        "raw_string_literal": raw,
        "scoped_identifier": scoped,
        "scoped_type_identifier": scoped,
        "generic_function": generic,
        "field_expression": Items.member,
        "call_expression": called,
        "struct_expression": built,
        "array_expression": listed,
        "tuple_expression": listed,
        "index_expression": item,
        "closure_expression": closure,
        "if_expression": branch,
        "let_condition": let_condition,
        "match_expression": match,
        "assignment_expression": assignment,
        "macro_invocation": Macros.invoked,
        "return_expression": Walker.returning,
        "break_expression": Walker.ending,
        "continue_expression": Walker.ending,
        "binary_expression": Items.binary,
        "unary_expression": Items.unary,
        "reference_expression": Walker.inner,
        "parenthesized_expression": Walker.inner,
        "try_expression": Walker.inner,
        "await_expression": Walker.inner,
        "unsafe_block": Walker.inner,
        "async_block": Walker.inner,
        "type_cast_expression": Items.first,
    }
