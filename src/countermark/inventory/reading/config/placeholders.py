"""What stands for a value that something else gives: ``${X:-d}``, ``${a.b:d}``, ``{{ x }}``."""

from __future__ import annotations

import re

from countermark.inventory.reading.expressions import Env, Expression, Join, Setting, Text, Unknown

MAX_NESTED = 8
MAX_PARTS = 40
MAX_BRACED = 4_000
"""Characters between the braces."""
BRACE = re.compile(r"[{}]")
MARKED = re.compile(r"\$|\{\{|\{env[.:]|%\(|os\.environ/|^env:|%env\(|<%=")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
UPPER = re.compile(r"_?[A-Z][A-Z0-9_]*")
"""The name of an environment variable, where a dotted name of a setting may stand too."""
OPERATOR = re.compile(r":?[-?+=]")
DOTTED = re.compile(r"[A-Za-z_][\w-]*(?:(?:\.[\w-]+)|(?:\[\d+\]))*")
FROM_ENV = re.compile(
    r"(?:oc\.)?env[:.]\s*([A-Za-z_]\w*)\s*(?:(?::-|[,:|])\s*(.*))?", re.DOTALL | re.IGNORECASE
)
WHOLE = re.compile(
    r"""os\.environ(?:/|\.|\[["'])([A-Za-z_]\w*)(?:["']\])?|\$([A-Z_][A-Z0-9_]+)|(?:env:(?://)?)([A-Z_][A-Z0-9_]+)"""
    r"""|%env\((?:\w+:)*([A-Z_][A-Z0-9_]+)\)%"""
)
"""A value that is nothing but the name of a variable."""
PYTHON = re.compile(r"%\((?:ENV_)?(\w+)\)s")
ANGLED = re.compile(r"\{env[.:]([A-Za-z_]\w*)\}")
RUBY = re.compile(
    r"""<%=\s*ENV(?:\.fetch\(|\[)\s*["'](\w+)["']\s*[\])]?\s*(?:(?:,|\|\|)\s*["']([^"']*)["']\s*\)?)?\s*-?%>"""
)
CONTEXT = re.compile(
    r"(?:env|vars|secrets|inputs|matrix|variables|parameters|github\.event\.inputs)\.([\w-]+)"
)
JINJA = re.compile(r"\s*-?\s*([A-Za-z_][\w.-]*)\s*((?:\|.*)?)-?\s*", re.DOTALL)
LOOKUP = re.compile(r"""(?:lookup\(\s*["']env["']\s*,\s*|env_var\(\s*|env\s*\(?\s*)["']([A-Za-z_]\w*)["']""")
DEFAULT = re.compile(r"""default\s*\(?\s*["']([^"']*)["']|(?:,|\|\|)\s*["']([^"']*)["']""")


def value(text: str, line: int) -> Expression:
    """The value of a configuration file: variables and settings in braces, and the other common ways."""
    if MARKED.search(text) is None:
        return Text(text, line)
    whole = WHOLE.fullmatch(text.strip())
    if whole:
        return Env(next(filter(None, whole.groups())), line)
    ruby = RUBY.fullmatch(text.strip())
    if ruby:
        return Env(ruby[1], line, None if ruby[2] is None else Text(ruby[2], line))
    return _joined(_split(text, line, unbraced=False, nested=0), text, line)


def interpolated(text: str, line: int) -> Expression:
    """The value where a shell or Compose puts variables in: ``$X`` and ``${X:-d}``; ``$$`` is a dollar."""
    if "$" not in text:
        return Text(text, line)
    return _joined(_split(text, line, unbraced=True, nested=0), text, line)


def of_pod(text: str, line: int) -> Expression:
    """The value in a pod: ``$(X)`` is a variable of the container.

    Source: Kubernetes API, EnvVar.value.
    """
    if "$(" not in text:
        return value(text, line)
    parts: list[Expression] = []
    at = 0
    for found in re.finditer(r"(\$?)\$\(([A-Za-z_][\w.-]*)\)", text):
        parts += _text(text[at : found.start()], line)
        parts.append(Text(found[0][1:], line) if found[1] else Env(found[2], line))
        at = found.end()
    return _joined([*parts, *_text(text[at:], line)], text, line)


def _text(text: str, line: int) -> list[Expression]:
    return [Text(text, line)] if text else []


def _joined(parts: list[Expression], text: str, line: int) -> Expression:
    if not parts:
        return Text("", line)
    if len(parts) == 1:
        return parts[0]
    return Join(tuple(parts), line) if len(parts) <= MAX_PARTS else Unknown(text[:80], line)


def _split(text: str, line: int, *, unbraced: bool, nested: int) -> list[Expression]:
    """The parts of a text, one after the other."""
    parts: list[Expression] = []
    start = at = 0
    pattern = SHELL_SIGN if unbraced else FILE_SIGN
    while (found := pattern.search(text, at)) and len(parts) <= MAX_PARTS:
        part, end = _sign(found, text, line, unbraced=unbraced, nested=nested)
        if part is not None:
            parts += _text(text[start : found.start()], line)
            parts.append(part)
            start = end
        at = max(end, found.end())
    merged = [*parts, *_text(text[start:], line)]
    out: list[Expression] = []
    for each in merged:
        if out and isinstance(each, Text) and isinstance(out[-1], Text):
            out[-1] = Text(out[-1].value + each.value, line)
        else:
            out.append(each)
    return out


SHELL_SIGN = re.compile(r"\$(?:\$|\{|(?=[A-Za-z_]))")
FILE_SIGN = re.compile(r"\$\{|\{\{|\{env[.:]|%\(")


def _sign(
    found: re.Match[str], text: str, line: int, *, unbraced: bool, nested: int
) -> tuple[Expression | None, int]:
    """What begins at a sign, and where it ends; None where it is only text."""
    start = found.start()
    if found[0] == "$$":
        return Text("$", line), start + 2
    if found[0] == "$":
        name = VARIABLE.match(text, start + 1)
        return (Env(name[0], line), name.end()) if name else (None, start + 1)
    if found[0] == "{{" or text.startswith("${{", start):
        opened = start + (3 if text[start] == "$" else 2)
        end = text.find("}}", opened, opened + MAX_BRACED)
        return (None, opened) if end < 0 else (_curly(text[opened:end], line), end + 2)
    for sign, pattern in (("%", PYTHON), ("{", ANGLED)):
        if found[0][0] == sign:
            whole = pattern.match(text, start)
            return (Env(whole[1], line), whole.end()) if whole else (None, start + 1)
    end = closing(text, start + 2)
    if end < 0:
        return None, start + 2
    return _braced(text[start + 2 : end], line, unbraced=unbraced, nested=nested + 1), end + 1


def closing(text: str, start: int) -> int:
    """Where the brace closes that was opened before ``start``; -1 where it does not."""
    depth = 1
    for found in BRACE.finditer(text, start, start + MAX_BRACED):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return found.start()
        if depth > MAX_NESTED:
            return -1
    return -1


def _braced(inner: str, line: int, *, unbraced: bool, nested: int) -> Expression:
    """What ``${…}`` stands for."""
    given = FROM_ENV.fullmatch(inner.strip())
    name = VARIABLE.match(inner)
    made: Expression | None = None
    if nested > MAX_NESTED:
        pass
    elif given:
        default = given[2].strip().strip("\"'") if given[2] is not None else None
        made = Env(given[1], line, None if default is None else _inner(default, line, unbraced, nested))
    elif name and (operator := OPERATOR.match(inner, name.end())):
        rest = inner[operator.end() :]
        sign = operator[0][-1]
        if sign != "+":
            made = Env(name[0], line, _inner(rest, line, unbraced, nested) if sign in "-=" else None)
    elif dotted := DOTTED.match(inner):
        made = _dotted(dotted[0], inner[dotted.end() :], line, unbraced, nested)
    return made or Unknown(f"${{{inner}}}"[:80], line)


def _dotted(name: str, rest: str, line: int, unbraced: bool, nested: int) -> Expression | None:
    """``a.b`` or ``A``, with ``:`` and a default behind it."""
    if rest and rest[0] != ":":
        return None
    default = _inner(rest[1:], line, unbraced, nested) if rest else None
    if UPPER.fullmatch(name) or (unbraced and VARIABLE.fullmatch(name)):
        return Env(name, line, default)
    return Setting(tuple(re.split(r"\.|(?=\[)", name)), line, default)


def _inner(text: str, line: int, unbraced: bool, nested: int) -> Expression:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return _joined(_split(text, line, unbraced=unbraced, nested=nested), text, line)


def _curly(inner: str, line: int) -> Expression:
    """What ``{{ … }}`` or ``${{ … }}`` stands for."""
    shown = Unknown(f"{{{{{inner}}}}}"[:80], line)
    looked_up = LOOKUP.search(inner)
    found = DEFAULT.search(inner, looked_up.end(1) + 1 if looked_up else 0)
    default = Text(found[1] if found[1] is not None else found[2], line) if found else None
    if looked_up:
        return Env(looked_up[1], line, default)
    name = CONTEXT.match(inner.strip())
    if name:
        return Env(name[1], line, default)
    simple = JINJA.fullmatch(inner)
    if simple is None:
        return shown
    return Setting(tuple(part for part in simple[1].split(".") if part), line, default)
