"""Shell scripts: the variables that they set, the commands that they start, the files that they source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from countermark.inventory.reading.expressions import (
    Assignment,
    Context,
    Document,
    Either,
    Env,
    Expression,
    Join,
    Loose,
    Many,
    Text,
)
from countermark.inventory.reading.shell_containers import started
from countermark.inventory.reading.shell_words import Comment, Lexer, Token, Word

MAX_BYTES = 1 << 20
MAX_NESTED = 4
"""Scripts in strings within scripts: ``bash -c "…"``."""
ENDS = frozenset(["\n", ";", ";;", ";&", ";;&", "&", "&&", "||", "|", "|&", "(", ")"])
RESERVED = frozenset(
    "if then else elif fi while until do done { } ! time coproc select function esac".split()  # noqa: SIM905
)
DECLARING = frozenset(["export", "declare", "typeset", "readonly", "local"])
PREFIXES = frozenset(["sudo", "nohup", "exec", "command", "env", "setsid", "builtin"])
TESTS = frozenset(["[", "[[", "test"])
SHELLS = frozenset(["bash", "sh", "zsh", "dash", "ash"])
READERS = frozenset(["cat", "grep", "sed", "envsubst"])
NEVER = "below `if false`"
QUOTED = re.compile(r"""["'][^"']{2,}["']""")
OPTION = re.compile(r"\s--?\w[\w-]*[ =]\S")
SETTING = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)=(\S.*)")
ENV_FILE = re.compile(r"(?:^|/)[\w.-]*\.?env(?:\.[\w-]+)*$")
LINE = re.compile(r"(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(.*)$")


def read(path: str, data: bytes) -> Document:
    """What a script says. Any bytes give a document; ``trouble`` says what was not read."""
    document = Document(path, "shell")
    if len(data) > MAX_BYTES:
        document.trouble = f"larger than {MAX_BYTES >> 20} MiB"
        return document
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    _Script(document).read(text, 1, 0)
    return document


@dataclass(frozen=True, slots=True)
class _Given:
    """What is redirected to and from a command."""

    bodies: Sequence[Word]
    """Of its here-documents."""
    target: str
    """The file that it writes."""


class _Script:
    """Goes through the commands of a script."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.off = ""
        """Why what is read has no effect."""
        self.empty = ""
        """The variable that is empty where an ``if`` asked for it, up to its end."""
        self.once = ""
        """Likewise for the next command: ``[ -z "$X" ] && X=d``."""
        self.asked = False
        """An ``if`` stands before what is read."""
        self.labels = False
        """Patterns of a ``case`` follow."""
        self.nested = 0

    def read(self, text: str, line: int, nested: int) -> None:
        """Read a script, and those within it."""
        lexer = Lexer(text.replace("\r\n", "\n"), line)
        before, self.nested = self.nested, nested
        self.commands(lexer.tokens())
        for tokens in lexer.nested:
            self.commands(tokens)
        self.nested = before
        if lexer.trouble and not self.document.trouble:
            self.document.trouble = lexer.trouble

    def commands(self, tokens: Sequence[Token]) -> None:
        """Split tokens into commands."""
        words: list[Word] = []
        bodies: list[Word] = []
        target, redirected = "", ""
        for token in tokens:
            if isinstance(token, Comment):
                self._comment(token)
            elif isinstance(token, Word):
                if not redirected:
                    words.append(token)
                elif redirected.startswith(">"):
                    target = _path(token.value)
                redirected = ""
            elif token.sign in ENDS:
                self._command(words, _Given(bodies, target), token.sign)
                words, bodies, target, redirected = [], [], "", ""
            elif token.body is not None:
                bodies.append(token.body)
            else:
                redirected = token.sign if token.sign not in ("<<", "<<-") else ""
        self._command(words, _Given(bodies, target), "\n")

    def _command(self, words: list[Word], given: _Given, end: str) -> None:
        """One command with its assignments; ``end`` is what stands behind it."""
        first = _bare(words)
        if self.labels and words and first != "esac":
            self._label(words, end)
            return
        self.asked = False
        while first in RESERVED:
            self._reserved(first)
            words = words[1:]
            first = _bare(words)
        self.labels = self.labels or end in (";;", ";&", ";;&")
        if first in ("for", "case"):
            self._heading(first, words, end)
        elif first in TESTS:
            self._test(words, end)
        elif first == "false" and self.asked:
            self.off = NEVER
        elif words and end != "(":  # a name before a bracket is that of a function
            self._simple(words, given)
            self.once = ""

    def _reserved(self, word: str) -> None:
        """A word of the language."""
        self.asked = word in ("if", "elif")
        if word in ("fi", "else", "elif"):
            self.empty = ""
            self.off = "" if self.off == NEVER else self.off
        elif word == "esac":
            self.labels = False

    def _heading(self, first: str, words: list[Word], end: str) -> None:
        """``for m in a b``, ``case $x in``."""
        rest = words[3:]
        if first == "case":
            self.labels = True
            if rest:
                self._label(rest, end)
        elif rest:
            values = tuple(word.value for word in rest)
            value = values[0] if len(values) == 1 else Either(values, words[0].line, ordered=False)
            self._assign(_shown(words[1].value), value, words[0].line)

    def _label(self, words: list[Word], end: str) -> None:
        """The patterns of one branch of a ``case``."""
        for word in words:
            if isinstance(word.value, Text) and word.value.value != "*":
                self._compared(word.value)
        self.labels = end != ")"

    def _compared(self, text: Text) -> None:
        self.document.loose.append(Loose(text, (), frozenset([Context.COMPARED])))

    def _test(self, words: list[Word], end: str) -> None:
        """``[ "$X" = "a" ]``; ``[ -z "$X" ]`` says that what follows is a default."""
        for word, following in pairwise(words):
            sign = _shown(word.value)
            if sign in ("=", "==", "!=", "=~") and isinstance(following.value, Text):
                self._compared(following.value)
            elif sign in ("-z", "-n") and isinstance(following.value, Env):
                empty = (sign == "-z") != ("!" in [_shown(each.value) for each in words])
                if end == ("&&" if empty else "||"):
                    self.once = following.value.name
                elif self.asked and empty:
                    self.empty = following.value.name

    def _simple(self, words: list[Word], given: _Given) -> None:
        """``X=1 command a b``."""
        words = self._prefixed(words)
        while words and _bare(words) in PREFIXES:
            rest = words[1:]
            while rest and not rest[0].name and _shown(rest[0].value).startswith("-"):
                rest = rest[1:]
            words = self._prefixed(rest)
        if not words:
            return
        name = _shown(words[0].value)
        if name in DECLARING:
            self._prefixed([word for word in words if word.name])
        elif name == ":":
            for word in words[1:]:
                if isinstance(word.value, Env) and word.value.default is not None:
                    self._assign(word.value.name, word.value, word.line)
        elif name in ("source", "."):
            self._source(words)
        else:
            self._start(name, words, given)

    def _prefixed(self, words: list[Word]) -> list[Word]:
        """Note the variables that a command begins with; what is left of it."""
        while words and words[0].name:
            self._assign(words[0].name, words[0].value, words[0].line)
            words = words[1:]
        return words

    def _source(self, words: list[Word]) -> None:
        if len(words) > 1 and (target := _path(words[1].value)):
            self.document.reads.append((target, ""))

    def _start(self, name: str, words: list[Word], given: _Given) -> None:
        """A command that starts something, or that runs or writes a script."""
        script = _script(name, words)
        if script is None and given.bodies and (name in SHELLS or name == "ssh"):
            script = given.bodies[0]
        if script is not None and self.nested < MAX_NESTED and (text := _shown(script.value)):
            self.read(text, script.line, self.nested + 1)
            return
        if given.bodies and ENV_FILE.search(given.target):
            for body in given.bodies:
                self._written(given.target, body)
            return
        if name in READERS:
            paths = [_path(word.value) for word in words[1:]]
            self.document.reads += [(path, "") for path in paths if ENV_FILE.search(path)]
        values = tuple(_whole(word) for word in (*words, *given.bodies))
        started(self.document, values, words[0].line, self.off)

    def _written(self, target: str, body: Word) -> None:
        """``cat > .env <<EOF``: what the file will say."""
        whole = _shown(body.value)
        for found in LINE.finditer(whole):
            line = body.line + whole.count("\n", 0, found.start())
            value = Lexer(found[2].strip(), line).word().value
            self.document.assignments.append(Assignment(found[1], value, line, f"file:{target}", self.off))

    def _assign(self, name: str, value: Expression, line: int) -> None:
        if name and name in (self.empty, self.once):
            value = Env(name, line, value)
        self.document.assignments.append(Assignment(name, value, line, off=self.off))

    def _comment(self, comment: Comment) -> None:
        """Variables that are commented out, and what quotes something or has options."""
        said = comment.text.lstrip("#! \t").rstrip()
        found = SETTING.fullmatch(said)
        if found:
            value = Lexer(found[2], comment.line).word().value
            self.document.assignments.append(
                Assignment(found[1], value, comment.line, off="commented out"),
            )
        elif QUOTED.search(said) or OPTION.search(said):
            where = frozenset([Context.COMMENT])
            self.document.loose.append(Loose(Text(said, comment.line), (), where))


def _bare(words: Sequence[Word]) -> str:
    """The first of some words, where nothing in it is quoted."""
    first = words[0] if words else None
    return first.value.value if first is not None and first.bare and isinstance(first.value, Text) else ""


def _whole(word: Word) -> Expression:
    """A word as it is handed over: ``X=a`` in the place of an argument is a text."""
    if not word.name:
        return word.value
    if isinstance(word.value, Many):
        return word.value
    parts = word.value.parts if isinstance(word.value, Join) else (word.value,)
    if len(parts) == 1 and isinstance(parts[0], Text):
        return Text(f"{word.name}={parts[0].value}", word.line)
    return Join((Text(f"{word.name}=", word.line), *parts), word.line)


def _shown(value: Expression) -> str:
    """A value as text, with variables as they are written."""
    match value:
        case Text():
            return value.value
        case Env():
            return f"${{{value.name}{'' if value.default is None else ':-' + _shown(value.default)}}}"
        case Join():
            return "".join(map(_shown, value.parts))
        case _:
            return ""


def _path(value: Expression) -> str:
    """The path of a file; what is in front of it may only be known where the script runs."""
    if isinstance(value, Join):
        last = value.parts[-1]
        return last.value.lstrip("/") if isinstance(last, Text) else ""
    return value.value if isinstance(value, Text) else ""


def _script(name: str, words: list[Word]) -> Word | None:
    """The script that a command is given as a word."""
    if name == "eval" and len(words) > 1:
        return words[1]
    if name in SHELLS or name == "su":
        flags = [number for number, word in enumerate(words) if re.fullmatch(r"-\w*c", _shown(word.value))]
        return words[flags[0] + 1] if flags and flags[0] + 1 < len(words) else None
    return None
