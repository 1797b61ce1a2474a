"""Words of the shell: quotes, variables, substitutions and here-documents, without running any.

Source: POSIX.1-2024, Shell Command Language, 2.2 to 2.7; arrays and ``[[`` as Bash has them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from countermark.inventory.reading.expressions import Either, Env, Expression, Join, Many, Text, Unknown

MAX_DEPTH = 20
"""Substitutions within substitutions."""
MAX_TOKENS = 200_000
BLANKS = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
OPERATOR = re.compile(r"\n|;;&?|;&?|&&|\|\||\|&|\d*(?:<<<|<<-?|&>>?|>>|>&|<&|>\||<>|[<>])|&>>?|[&|()]")
ASSIGNED = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]\s]{0,80}\])?(\+?)=")
PLAIN = re.compile(r"[^\s;&|()<>'\"$`\\]+")
QUOTED = re.compile(r"[^\"$`\\]+")
DEFAULTED = re.compile(r"[^}'\"$`\\]+")
NAME = re.compile(r"[A-Za-z_]\w*|\d+|[@*#?$!-]")
OPERATION = re.compile(r":?[-=+?]")
ANSI = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
COMMENT = re.compile(r"#[^\n]*")
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


@dataclass(slots=True)
class Word:
    """One word, or a variable that is given a value."""

    value: Expression
    line: int
    name: str = ""
    """Of the variable; ``value`` is then what it is given."""
    bare: bool = False
    """Nothing in it is quoted: it may be a word of the language, such as ``if``."""


@dataclass(slots=True)
class Operator:
    """``;``, ``|``, ``<<``, a line's end."""

    sign: str
    line: int
    body: Word | None = None
    """Of a here-document."""


@dataclass(slots=True)
class Comment:
    """What stands behind a ``#``."""

    text: str
    line: int


Token = Word | Operator | Comment


@dataclass(slots=True)
class Lexer:
    """Takes a script apart."""

    text: str
    line: int = 1
    at: int = 0
    depth: int = 0
    nested: list[list[Token]] = field(default_factory=list)
    """The scripts of the substitutions in it."""
    trouble: str = ""
    waiting: list[tuple[Operator, str, bool, bool]] = field(default_factory=list)
    """Here-documents of which the bodies follow: operator, delimiter, whether it was quoted, ``<<-``."""

    def tokens(self, closing: str = "") -> list[Token]:
        """The tokens up to the end, or up to a bracket that nothing in between opens."""
        found: list[Token] = []
        opened = 0
        while self.at < len(self.text) and len(found) < MAX_TOKENS:
            if blanks := BLANKS.match(self.text, self.at):
                self._move(blanks.end())
                continue
            if self.text[self.at] == "#" and (not self.at or self.text[self.at - 1] in " \t\n;&|("):
                comment = COMMENT.match(self.text, self.at)
                found.append(Comment(comment[0] if comment else "#", self.line))
                self.at = comment.end() if comment else self.at + 1
                continue
            operator = OPERATOR.match(self.text, self.at)
            if operator is None:
                found.append(self.word())
                continue
            sign = operator[0]
            opened += (sign == "(") - (sign == ")")
            self.at = operator.end()
            if closing and opened < 0:
                break
            found.append(self._operator(sign))
        return found

    def _move(self, to: int) -> None:
        self.line += self.text.count("\n", self.at, to)
        self.at = to

    def _operator(self, sign: str) -> Operator:
        operator = Operator(sign.lstrip("0123456789"), self.line)
        if operator.sign in ("<<", "<<-"):
            if blanks := BLANKS.match(self.text, self.at):
                self._move(blanks.end())
            start = self.at
            self.word()
            raw = self.text[start : self.at]
            delimiter = raw.replace("'", "").replace('"', "").replace("\\", "")
            self.waiting.append((operator, delimiter, raw != delimiter, operator.sign == "<<-"))
        elif sign == "\n":
            self.line += 1
            self._bodies()
        return operator

    def _bodies(self) -> None:
        """Read the here-documents that begin on this line."""
        for operator, delimiter, quoted, tabs in self.waiting:
            start, line = self.at, self.line
            end = len(self.text)
            while self.at < len(self.text):
                stop = self.text.find("\n", self.at)
                stop = len(self.text) if stop < 0 else stop
                written = self.text[self.at : stop].rstrip("\r")
                if (written.lstrip("\t") if tabs else written) == delimiter:
                    end = self.at
                    self._move(min(stop + 1, len(self.text)))
                    break
                self._move(min(stop + 1, len(self.text)))
            content = self.text[start:end]
            value: Expression = Text(content, line)
            if not quoted and ("$" in content or "`" in content):
                value = self._inside(content, line)
            operator.body = Word(value, line)
        self.waiting.clear()

    def _inside(self, content: str, line: int) -> Expression:
        """A text with variables in it."""
        if self.depth >= MAX_DEPTH:
            return Text(content, line)
        inner = Lexer(content, line, depth=self.depth + 1, nested=self.nested)
        return joined(inner.pieces('"', closed=False), line)

    def word(self) -> Word:
        """One word from here."""
        line, start = self.line, self.at
        assigned = ASSIGNED.match(self.text, self.at)
        name = ""
        if assigned:
            name, self.at = assigned[1], assigned.end()
            if self.text.startswith("(", self.at):
                return Word(self._array(line), line, name)
        value = joined(self.pieces(""), line)
        if self.at == start:  # a sign that begins nothing
            self.at += 1
        raw = self.text[start : self.at]
        if assigned and assigned[2]:
            value = joined([Env(name, line), value], line)
        return Word(value, line, name, bare=not name and PLAIN.fullmatch(raw) is not None)

    def _array(self, line: int) -> Expression:
        self.at += 1
        if self.depth >= MAX_DEPTH:
            return Unknown("(…)", line)
        self.depth += 1
        items = [token.value for token in self.tokens(")") if isinstance(token, Word)]
        self.depth -= 1
        return Many(tuple(items), line)

    def pieces(self, ending: str, *, closed: bool = True) -> list[Expression]:
        """The parts of a word, of a text in double quotes (``"``), or of a default (``}``)."""
        found: list[Expression] = []
        plain = QUOTED if ending == '"' else DEFAULTED if ending == "}" else PLAIN
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == ending and closed:
                break
            literal = plain.match(self.text, self.at)
            if literal:
                found.append(Text(literal[0], self.line))
                self._move(literal.end())
            elif character == "\\":
                self._escape(found, quoted=ending == '"')
            elif character == "$":
                found.append(self._dollar())
            elif character == "`":
                found.append(self._backquoted())
            elif character == "'" and ending != '"':
                found.append(self._single())
            elif character == '"':
                if ending == '"':
                    found.append(Text('"', self.line))
                    self.at += 1
                else:
                    found.append(self._double())
            else:
                break
        return found

    def _escape(self, found: list[Expression], *, quoted: bool) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "\n":
            self.line += 1
        elif quoted and following not in ("$", "`", '"', "\\"):
            found.append(Text("\\" + following, self.line))
        else:
            found.append(Text(following, self.line))
        self.at += 2

    def _single(self) -> Expression:
        line, end = self.line, self.text.find("'", self.at + 1)
        if end < 0:
            self._open("'")
            end = len(self.text)
        value = Text(self.text[self.at + 1 : end], line)
        self._move(min(end + 1, len(self.text)))
        return value

    def _double(self) -> Expression:
        line = self.line
        self.at += 1
        value = joined(self.pieces('"'), line)
        if self.at >= len(self.text):
            self._open('"')
        self.at += 1
        return value

    def _open(self, sign: str) -> None:
        self.trouble = self.trouble or f"a {sign} in line {self.line} is not closed"

    def _backquoted(self) -> Expression:
        line, end = self.line, self.text.find("`", self.at + 1)
        if end < 0:
            self._open("`")
            end = len(self.text)
        source = self.text[self.at + 1 : end]
        if self.depth < MAX_DEPTH:
            inner = Lexer(source, line, depth=self.depth + 1, nested=self.nested)
            self.nested.append(inner.tokens())
        self._move(min(end + 1, len(self.text)))
        return Unknown(f"`{source[:76]}`", line)

    def _dollar(self) -> Expression:
        """``$X``, ``${X:-d}``, ``$(…)``, ``$((…))``, ``$'…'``."""
        line, start = self.line, self.at
        following = self.text[self.at + 1 : self.at + 2]
        self.at += 1
        if following == "(":
            self.at += 1
            if self.depth < MAX_DEPTH:
                self.depth += 1
                self.nested.append(self.tokens(")"))
                self.depth -= 1
            return Unknown(self.text[start : min(self.at, start + 80)], line)
        if following == "{":
            return self._braced(start)
        if following == "'" and (quoted := ANSI.match(self.text, self.at)):
            self._move(quoted.end())
            return Text(re.sub(r"\\(.)", lambda m: CONTROLS.get(m[1], m[1]), quoted[1]), line)
        name = NAME.match(self.text, self.at)
        if name is None:
            return Text("$", line)
        self.at = name.end()
        if name[0].isdecimal():
            self.at = name.start() + 1
        return _variable(self.text[name.start() : self.at], line, None)

    def _braced(self, start: int) -> Expression:
        line = self.line
        self.at += 1
        name = NAME.match(self.text, self.at)
        if name is None or self.depth >= MAX_DEPTH:
            self._close()
            return Unknown(self.text[start : min(self.at, start + 80)], line)
        self.at = name.end()
        if self.text.startswith(("[@]", "[*]"), self.at):
            self.at += 3
        operation = OPERATION.match(self.text, self.at)
        if operation is None:
            self._close()
            return _variable(name[0], line, None)
        self.at = operation.end()
        self.depth += 1
        given = joined(self.pieces("}"), line)
        self.depth -= 1
        self._close()
        if operation[0][-1] == "+":
            return given
        return _variable(name[0], line, given if operation[0][-1] in "-=" else None)

    def _close(self) -> None:
        """Go behind the bracket that closes this one."""
        opened = 1
        while self.at < len(self.text) and opened:
            opened += {"{": 1, "}": -1}.get(self.text[self.at], 0)
            self._move(self.at + 1)


def _variable(name: str, line: int, default: Expression | None) -> Expression:
    """A variable; a parameter of the script is given by whoever starts it."""
    if name[0].isalpha() or name[0] == "_":
        return Env(name, line, default)
    given = Unknown(f"${name}", line)
    return given if default is None else Either((given, default), line)


def joined(parts: list[Expression], line: int) -> Expression:
    """Parts put together: texts beside each other are one."""
    spread: list[Expression] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Join) else (part,):
            earlier = spread[-1] if spread else None
            if isinstance(piece, Text) and isinstance(earlier, Text):
                spread[-1] = Text(earlier.value + piece.value, earlier.line)
            else:
                spread.append(piece)
    if len(spread) == 1:
        return spread[0]
    return Join(tuple(spread), line) if spread else Text("", line)
