"""What a module says, written so that a person can read it beside the source."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from countermark.inventory.reading.expressions import (
    Call,
    Context,
    Either,
    Env,
    Expression,
    Guard,
    Item,
    Join,
    Many,
    Member,
    Module,
    Ref,
    Setting,
    Table,
    Text,
    Unknown,
)
from countermark.inventory.reading.languages import read

SAMPLES = Path(__file__).parent / "samples"


def code(source: str, language: str, path: str = "a") -> Module:
    """Read a piece of code, which must give no trouble."""
    module = read(path, source.encode(), language)
    assert module.trouble == ""
    return module


def bindings(source: str, language: str, path: str = "a") -> dict[str, str]:
    """Names and the values that they are given, in a piece of code."""
    return {".".join(b.name): written(b.value) for b in code(source, language, path).bindings}


def written(value: Expression) -> str:  # noqa: PLR0911, C901 - one line for each kind
    """An expression in one line."""
    match value:
        case Text():
            return repr(value.value)
        case Ref():
            return ".".join(value.path)
        case Env():
            return f"${value.name}{_default(value.default)}"
        case Setting():
            return f"%{'.'.join(value.path)}{_default(value.default)}"
        case Item():
            return f"{written(value.of)}[{written(value.key)}]{_default(value.default)}"
        case Join():
            return " + ".join(map(written, value.parts))
        case Either():
            return f"({(' ?? ' if value.ordered else ' | ').join(map(written, value.options))})"
        case Many():
            return f"[{', '.join(map(written, value.items))}]"
        case Table():
            return f"{{{', '.join(f'{written(k)}: {written(v)}' for k, v in value.entries)}}}"
        case Call():
            named = [f"{name}={written(given)}" for name, given in value.kwargs]
            return f"{written(value.function)}({', '.join([*map(written, value.args), *named])})"
        case Member():
            return f"{written(value.of)}.{'.'.join(value.path)}"
        case Unknown():
            return f"<{value.source.splitlines()[0] if value.source else ''}>"


def _default(default: Expression | None) -> str:
    return "" if default is None else f":-{written(default)}"


def _where(contexts: Iterable[Context], guards: Iterable[Guard]) -> str:
    return "".join([f"  [{context}]" for context in sorted(contexts)] + [f"  if {_test(g)}" for g in guards])


def _test(guard: Guard) -> str:
    equals = f"={'|'.join(guard.equals)}" if guard.equals else ""
    return f"{'' if guard.holds else 'not '}{written(guard.test)}{equals}"


def listing(module: Module) -> str:
    """All that a module says, a line each."""
    lines = [f"trouble: {module.trouble}"] if module.trouble else []
    for binding in module.bindings:
        name = f"{'field ' if binding.field else ''}{'.'.join(binding.name)}"
        alias = f"  @{binding.alias}" if binding.alias else ""
        where = _where(binding.contexts, binding.guards)
        lines.append(f"{binding.line}: {name} = {written(binding.value)}{alias}{where}")
    for given in module.returns:
        where = _where(given.contexts, given.guards)
        lines.append(f"{given.line}: return of {'.'.join(given.name)} = {written(given.value)}{where}")
    for site in module.calls:
        where = _where(site.contexts, site.guards)
        lines.append(f"{site.call.line}: call in {'.'.join(site.scope)}: {written(site.call)}{where}")
    lines += [
        f"{loose.text.line}: loose {loose.text.value!r}{_where(loose.contexts, ())}" for loose in module.loose
    ]
    lines += [
        f"{each.line}: import {each.name} from {each.module} {each.item}".rstrip() for each in module.imports
    ]
    lines += [f"settings {name}: {prefix!r}" for name, prefix in module.settings_classes.items()]
    lines += [f"class {name}: {', '.join(bases)}" for name, bases in module.bases.items()]
    lines += [f"parameters of {'.'.join(name)}: {', '.join(p)}" for name, p in module.parameters.items()]
    return "\n".join(lines) + "\n"
