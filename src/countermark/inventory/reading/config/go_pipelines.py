"""Pipelines of Go templates as expressions: ``.Values.a | default "b" | quote``.

Source: text/template of Go; Sprig's function documentation.
"""

from __future__ import annotations

import re

from countermark.inventory.reading.expressions import Either, Env, Expression, Join, Setting, Text, Unknown

MAX_DEPTH = 12
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


class Pipelines:
    """What pipelines stand for, where it is known what ``.`` and the variables are."""

    def __init__(self) -> None:
        self.line = 1
        self.dot: tuple[str, ...] | None = None
        """The path of what ``.`` stands for below ``with`` and ``range``; None where it is the root."""
        self.variables: dict[str, Expression] = {}

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
