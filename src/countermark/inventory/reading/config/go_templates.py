"""Go templates of Helm charts and helmfile, and Jinja's: read, never executed.

Lines that only control are taken out, with the conditions that they put on what stands between them; every
other action becomes a sign in the text, so that the rest is YAML.

Source: text/template of Go; Helm's Chart Template Guide; Sprig's function documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from countermark.inventory.reading.config.conditions import Condition
from countermark.inventory.reading.config.go_pipelines import Pipelines
from countermark.inventory.reading.config.placeholders import of_pod
from countermark.inventory.reading.expressions import Either, Env, Expression, Join, Setting, Text, Unknown

MAX_ACTIONS = 20_000
MAX_INDENT = 200
MAX_CONDITION = 1_000
"""Characters."""
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
COMPARED = re.compile(r"""(eq|ne)\s+(\$?\.[\w.]+)\s+["']([^"']*)["']""")
NEGATED = re.compile(r"not\s+\(?\s*(\S+?)\s*\)?")
BRACKETED = re.compile(r"\([^()]*\)")
_Test = tuple[tuple[str, ...], bool, str]
"""The path of a value, whether it must be true, and what it must be where it is compared."""


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
    tests: list[_Test]
    dot: tuple[str, ...] | None


class _Reader(Pipelines):
    """Goes from one action to the next, with the blocks that are open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.source = text.replace("\ue000", "").replace("\ue001", "")
        self.template = Template("")
        self.open: list[_Open] = []
        self.counted = 0

    def read(self) -> Template:
        out = ACTION.sub(self._action, self.source)
        self.template.text = re.sub(r"\{\{[^\n]*", "", out)
        return self.template

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
            tests = self._tests(rest) if word in ("if", "with") else []
            dot = self._scope(rest) if word in ("with", "range") else None
            self.open.append(_Open(word, line, tests, dot))
        elif word in ("else", "else if") and self.open:
            self._close(self.open[-1], line)
            before = self.open[-1].tests if word == "else" else []
            others = [(path, not holds, equals) for path, holds, equals in before]
            self.open[-1] = _Open("else", line, others if len(others) == 1 else [], None)
        elif word == "end" and self.open:
            self._close(self.open.pop(), line)
        self.dot = next((each.dot for each in reversed(self.open) if each.dot is not None), None)

    def _close(self, block: _Open, line: int) -> None:
        self.template.conditions += [Condition(block.line, line, *test) for test in block.tests]

    def _scope(self, rest: str) -> tuple[str, ...] | None:
        names, sign, source = rest.partition(":=")
        value = self.pipeline(source if sign else rest)
        path = value.path if isinstance(value, Setting) else None
        variables = [name.strip() for name in names.split(",")] if sign else []
        if variables and path is not None:
            self.variables[variables[-1]] = Setting(path, self.line)
        return path

    def _tests(self, rest: str) -> list[_Test]:
        """What must hold for a condition to hold: the parts of ``and``, without those in brackets."""
        text = rest.strip()[:MAX_CONDITION]
        if text.startswith("(") and text.endswith(")") and "(" not in text[1:]:
            text = text[1:-1].strip()
        if found := COMPARED.fullmatch(text):
            value = self.pipeline(found[2])
            same = found[1] == "eq"
            return [(value.path, same, found[3].lower())] if isinstance(value, Setting) else []
        negated = NEGATED.fullmatch(text)
        words = [negated[1]] if negated else text.split()
        if words and words[0] == "and":
            while (shorter := BRACKETED.sub(" ", text)) != text:
                text = shorter
            words = text.split()[1:]
        elif len(words) != 1:
            return []
        values = [self.pipeline(word) for word in words if "(" not in word and ")" not in word]
        return [(value.path, negated is None, "") for value in values if isinstance(value, Setting)]
