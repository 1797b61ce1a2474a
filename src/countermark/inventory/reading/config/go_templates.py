"""Go templates of Helm charts and helmfile, and Jinja's: read, never executed.

Lines that only control are taken out, with the conditions that they put on what stands between them; every
other action becomes a sign in the text, so that the rest is YAML.

Source: text/template of Go; Helm's Chart Template Guide; Sprig's function documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from countermark.inventory.reading.config.conditions import Condition
from countermark.inventory.reading.config.placeholders import of_pod
from countermark.inventory.reading.expressions import Either, Env, Expression, Join, Setting, Text, Unknown

MAX_ACTIONS = 20_000
MAX_DEPTH = 12
MAX_INDENT = 200
ACTION = re.compile(
    r"""\{\{-?\s*
    (/\*.{0,4000}?\*/|(?:"(?:[^"\\\n]++|\\.)*+"|`[^`{]*+`|[^{}"`]++|\{(?!\{)|\}(?!\}))*+)
    \s*-?\}\}""",
    re.DOTALL | re.VERBOSE,
)
JINJA = re.compile(r"\{%.{0,2000}?%\}|\{#.{0,4000}?#\}", re.DOTALL)
CONTROL = re.compile(
    r"(if|else if|else|end|with|range|define|block|template|break|continue)\b\s*(.*)", re.DOTALL
)
TOKEN = re.compile(r"\ue000(\d+)\ue001")
WORD = re.compile(r"""\s*(?:("(?:[^"\\]++|\\.)*+"|`[^`]*+`)|(\()|(\))|(\|)|([^\s()|"`]++))""")
INDEXING = ("index", "get", "dig")
VALUES = ([".Values"], ["$.Values"])
ROOTS = re.compile(r"\$?\.(?:Values|StateValues|Environment\.Values)\.?")
SAME = frozenset(
    [
        "quote", "squote", "toString", "trim", "lower", "upper", "trimSuffix", "trimPrefix", "tpl",
        "required", "b64enc", "toYaml", "toJson", "nindent", "indent", "trunc", "int", "toRawJson", "first",
        "title", "fromYaml", "default",
    ]
)  # fmt: skip
"""Functions that give their last argument again, as far as a name goes."""


@dataclass
class Template:
    """A template as YAML: ``text`` has as many lines as the file."""

    text: str
    expressions: list[Expression] = field(default_factory=list)
    """What each sign stands for."""
    conditions: list[Condition] = field(default_factory=list)

    def convert(self, text: str, line: int) -> Expression:
        """A text with signs in it as an expression."""
        parts: list[Expression] = []
        at = 0
        for found in TOKEN.finditer(text):
            if found.start() > at:
                parts.append(of_pod(text[at : found.start()], line))
            number = int(found[1][:9])
            parts.append(self.expressions[number] if number < len(self.expressions) else Unknown("", line))
            at = found.end()
        if not parts:
            return of_pod(text, line)
        if at < len(text):
            parts.append(of_pod(text[at:], line))
        return parts[0] if len(parts) == 1 else Join(tuple(parts), line)

    def placeholder(self, found: re.Match[str]) -> str:
        """A sign as a configuration file would write what it stands for."""
        number = int(found[1][:9])
        return written(self.expressions[number]) if number < len(self.expressions) else ""


class TemplateError(Exception):
    """Why a template is not read."""


def written(value: Expression | None) -> str:
    """An expression as a configuration file would write it: ``${a.b:default}``."""
    match value:
        case Text():
            return value.value
        case Setting() | Env():
            name = value.name if isinstance(value, Env) else ".".join(value.path)
            default = written(value.default)
            return f"${{{name}:{default}}}" if default else f"${{{name}}}"
        case Join():
            return "".join(written(part) for part in value.parts)
        case Either():
            return written(value.options[0])
        case _:
            return ""


def read(text: str) -> Template:
    """A template of a chart.

    Raises:
        TemplateError: there are more actions in it than a person writes.
    """
    if text.count("{{") > MAX_ACTIONS:
        raise TemplateError(f"more than {MAX_ACTIONS:,} actions of a template")
    return _Reader(text).read()


def without_jinja(text: str) -> str:
    """A text without the statements and comments of Jinja; as many lines as before.

    Raises:
        TemplateError: there are more of them than a person writes.
    """
    if text.count("{%") + text.count("{#") > MAX_ACTIONS:
        raise TemplateError(f"more than {MAX_ACTIONS:,} statements of a template")
    return JINJA.sub(lambda found: "\n" * found[0].count("\n"), text)


@dataclass(slots=True)
class _Open:
    """A block that is not ended yet."""

    word: str
    line: int
    paths: list[tuple[tuple[str, ...], bool]]
    dot: tuple[str, ...] | None


class _Reader:
    def __init__(self, text: str) -> None:
        self.source = text.replace("\ue000", "").replace("\ue001", "")
        self.template = Template("")
        self.open: list[_Open] = []
        self.variables: dict[str, Expression] = {}
        self.line = 1
        self.counted = 0

    def read(self) -> Template:
        out = ACTION.sub(self._action, self.source)
        self.template.text = re.sub(r"\{\{[^\n]*", "", out)
        return self.template

    @property
    def dot(self) -> tuple[str, ...] | None:
        """The path of what ``.`` stands for below ``with`` and ``range``; None where it is the root."""
        return next((each.dot for each in reversed(self.open) if each.dot is not None), None)

    def _action(self, found: re.Match[str]) -> str:
        self.line += self.source.count("\n", self.counted, found.start())
        self.counted = found.start()
        inner = found[1].strip()
        breaks = "\n" * found[0].count("\n")
        if inner.startswith("/*"):
            return breaks
        if control := CONTROL.match(inner):
            self._control(control[1], control[2].strip(), self.line)
            return breaks
        if assigned := re.match(r"(\$\w+)\s*:?=\s*(.*)", inner, re.DOTALL):
            self.variables[assigned[1]] = self.pipeline(assigned[2])
            return breaks
        if self._is_alone(found):
            return breaks
        self.template.expressions.append(self.pipeline(inner))
        return f"\ue000{len(self.template.expressions) - 1}\ue001{breaks}"

    def _is_alone(self, found: re.Match[str]) -> bool:
        """Whether an action has its line for itself: it puts in lines, not a value."""
        begins = self.source.rfind("\n", 0, found.start()) + 1
        if found.start() - begins > MAX_INDENT or self.source[begins : found.start()].strip():
            return False
        end = self.source.find("\n", found.end())
        return not self.source[found.end() : len(self.source) if end < 0 else end].strip()

    def _control(self, word: str, rest: str, line: int) -> None:
        if word in ("if", "with", "range", "define", "block"):
            paths = self._paths(rest) if word in ("if", "with") else []
            dot = self._scope(rest) if word in ("with", "range") else None
            self.open.append(_Open(word, line, paths, dot))
        elif word in ("else", "else if") and self.open:
            self._close(self.open[-1], line)
            others = [(path, not holds) for path, holds in self.open[-1].paths] if word == "else" else []
            self.open[-1] = _Open("else", line, others if len(others) == 1 else [], None)
        elif word == "end" and self.open:
            self._close(self.open.pop(), line)

    def _close(self, block: _Open, line: int) -> None:
        self.template.conditions += [Condition(block.line, line, path, holds) for path, holds in block.paths]

    def _scope(self, rest: str) -> tuple[str, ...] | None:
        names, sign, source = rest.partition(":=")
        value = self.pipeline(source if sign else rest)
        path = value.path if isinstance(value, Setting) else None
        variables = [name.strip() for name in names.split(",")] if sign else []
        if variables and path is not None:
            self.variables[variables[-1]] = Setting(path, self.line)
        return path

    def _paths(self, rest: str) -> list[tuple[tuple[str, ...], bool]]:
        """The values that must be true, or false, for a condition to hold; those of ``and`` together."""
        text = (
            rest.strip().removeprefix("(").removesuffix(")").strip() if rest.startswith("(") else rest.strip()
        )
        negated = re.fullmatch(r"not\s+\(?\s*(\S+?)\s*\)?", text)
        words = [negated[1]] if negated else text.split()
        if words and words[0] == "and":
            words = words[1:]
        elif len(words) != 1:
            return []
        values = [self.pipeline(word) for word in words if "(" not in word and ")" not in word]
        return [(value.path, negated is None) for value in values if isinstance(value, Setting)]

    def pipeline(self, text: str) -> Expression:
        """What ``a | default "b" | quote`` stands for."""
        words = [found.groups() for found in WORD.finditer(text[:2000])]
        _, value = self._pipe(words, 0, 0)
        return value if value is not None else Unknown(f"{{{{ {text.strip()} }}}}"[:80], self.line)

    def _pipe(
        self, words: list[tuple[str | None, ...]], at: int, depth: int
    ) -> tuple[int, Expression | None]:
        """The value of the pipeline that begins at a word, and where it ends."""
        value: Expression | None = None
        while at < len(words):
            arguments: list[Expression | None] = []
            names: list[str] = []
            while at < len(words) and not words[at][2] and not words[at][3]:
                at, argument, name = self._argument(words, at, depth)
                arguments.append(argument)
                names.append(name)
            value = self._apply(names, arguments, value)
            if at < len(words) and words[at][2]:
                return at + 1, value
            at += 1
        return at, value

    def _argument(
        self, words: list[tuple[str | None, ...]], at: int, depth: int
    ) -> tuple[int, Expression | None, str]:
        text, opens, _, _, bare = words[at]
        if text is not None:
            return at + 1, Text(text[1:-1].replace('\\"', '"'), self.line), ""
        if opens and depth < MAX_DEPTH:
            end, value = self._pipe(words, at + 1, depth + 1)
            return end, value, ""
        word = bare or ""
        return at + 1, self._name(word), word

    def _name(self, word: str) -> Expression | None:
        """A field, a variable or a number."""
        if found := ROOTS.match(word):
            return Setting(tuple(word[found.end() :].split(".")), self.line) if word[found.end() :] else None
        if word.startswith("$") and len(word) > 1 and word[1] != ".":
            name, _, rest = word.partition(".")
            known = self.variables.get(name)
            if isinstance(known, Setting) and rest:
                return Setting((*known.path, *rest.split(".")), self.line)
            return known if not rest else None
        if word.startswith(".") and len(word) > 1 and word[1].islower() and self.dot is not None:
            return Setting((*self.dot, *word[1:].split(".")), self.line)
        if word == "." and self.dot is not None:
            return Setting(self.dot, self.line)
        return Text(word, self.line) if re.fullmatch(r"-?\d+(?:\.\d+)?|true|false", word) else None

    def _apply(
        self, names: list[str], arguments: list[Expression | None], piped: Expression | None
    ) -> Expression | None:
        """What a function gives for its arguments, the piped value last among them."""
        if not names:
            return piped
        if (len(names) == 1 and piped is None) or names[0] in ("env", "requiredEnv"):
            return self._variable(names[0], arguments)
        name, given = names[0], [a for a in (*arguments[1:], piped) if a is not None]
        first = given[0] if given else None
        made: Expression | None = None
        if name == "default" and len(given) > 1:
            made = _with_default(given[-1], given[0])
        elif name in ("coalesce", "or") and given:
            made = Either(tuple(given), self.line)
        elif name == "ternary" and len(given) > 1:
            made = Either(tuple(given[:2]), self.line, ordered=False)
        elif name == "printf" and isinstance(first, Text):
            made = _formatted(first, given[1:])
        elif name in INDEXING and (isinstance(first, Setting) or names[1:2] in VALUES):
            made = self._indexed(given)
        elif name in SAME and given:
            made = given[-1]
        elif piped is None and isinstance(arguments[0], Setting):
            made = arguments[0]
        return made

    def _variable(self, name: str, arguments: list[Expression | None]) -> Expression | None:
        """A word alone, or the variable that ``env "X"`` reads."""
        second = arguments[1] if len(arguments) > 1 else None
        return Env(second.value, self.line) if isinstance(second, Text) else arguments[0]

    def _indexed(self, given: list[Expression]) -> Expression | None:
        start = given[0].path if isinstance(given[0], Setting) else ()
        keys = [each.value for each in given if isinstance(each, Text)]
        path = (*start, *(f"[{key}]" if key.isdigit() else key for key in keys))
        return Setting(path, self.line) if path else None


def _with_default(value: Expression, default: Expression) -> Expression:
    if isinstance(value, Setting) and value.default is None:
        return Setting(value.path, value.line, default)
    if isinstance(value, Env) and value.default is None:
        return Env(value.name, value.line, default)
    return Either((value, default), value.line)


def _formatted(form: Text, given: list[Expression]) -> Expression:
    """``printf "%s-%s" a b``."""
    pieces = re.split(r"%[svdq]", form.value)
    parts: list[Expression] = []
    for number, piece in enumerate(pieces):
        if piece:
            parts.append(Text(piece, form.line))
        if number < len(pieces) - 1:
            parts.append(given[number] if number < len(given) else Unknown("%s", form.line))
    return parts[0] if len(parts) == 1 else Join(tuple(parts), form.line)
