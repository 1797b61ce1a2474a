"""What declarations of Python say: fields, parameters, settings classes, options of a command line."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from countermark.inventory.reading.expressions import Call, Expression, Import, Ref, Text, Unknown

ENUMS = frozenset(["Enum", "StrEnum", "str_enum", "TextChoices", "IntEnum", "Flag"])
SETTINGS = frozenset(["BaseSettings", "BaseAppSettings", "PydanticBaseSettings"])


def env_prefix(node: ast.ClassDef) -> str:
    """The ``env_prefix`` of a settings class."""
    for part in ast.walk(node):
        match part:
            case ast.keyword(arg="env_prefix", value=ast.Constant(value=str(prefix))):
                return prefix
            case ast.Assign(targets=[ast.Name(id="env_prefix")], value=ast.Constant(value=str(prefix))):
                return prefix
            case _:
                continue
    return ""


def annotated_field(annotation: ast.expr) -> ast.Call | None:
    """``Annotated[str, Field(default="x")]``."""
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
        return next((part for part in annotation.slice.elts if isinstance(part, ast.Call)), None)
    return None


def literals(annotation: ast.expr) -> Iterator[Text]:
    """The values of each ``Literal`` in an annotation."""
    for part in ast.walk(annotation):
        if not isinstance(part, ast.Subscript):
            continue
        owner = part.value
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        if name == "Literal":
            for value in ast.walk(part.slice):
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield Text(value.value, value.lineno)


def defaults(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    """The parameters that have a default, with it."""
    plain = [*arguments.posonlyargs, *arguments.args]
    yield from zip(plain[len(plain) - len(arguments.defaults) :], arguments.defaults, strict=True)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield argument, default


def option(call: Call) -> tuple[str, str, Expression] | None:
    """The name, the flag and the default that a call declares: ``add_argument("--model", default="x")``."""
    function = call.function
    if not isinstance(function, Ref) or function.path[-1] not in ("add_argument", "option", "add_option"):
        return None
    flags = [a.value for a in call.args if isinstance(a, Text) and a.value.startswith("-")]
    if not flags:
        return None
    flag = max(flags, key=len)
    given = dict(call.kwargs)
    dest = given.get("dest")
    name = dest.value if isinstance(dest, Text) else flag.lstrip("-").replace("-", "_")
    return name, flag, given.get("default", Unknown("", call.line))


def imports(node: ast.Import | ast.ImportFrom) -> Iterator[Import]:
    """The names that a statement brings in."""
    for alias in node.names:
        name = alias.asname or alias.name
        if isinstance(node, ast.Import):
            yield Import(name, alias.name, "", node.lineno)
        else:
            yield Import(name, "." * node.level + (node.module or ""), alias.name, node.lineno)
