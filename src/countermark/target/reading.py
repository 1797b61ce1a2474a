"""Read ``countermark.yaml``; name every mistake with its line and, where there is one, the likely key."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from countermark.target.declaration import Target

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

FILE_NAME = "countermark.yaml"
MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_MISTAKES = 100
YAML_TAG = "tag:yaml.org,2002:"
KNOWN_TAGS = frozenset(["map", "seq", "str", "null", "bool", "int", "float", "timestamp", "merge", "value"])

Place = tuple[int | str, ...]


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong with the file."""

    line: int | None
    """Counted from 1; None where the whole file is meant."""
    where: str
    """Dotted path of the field."""
    what: str
    """What is wrong and what to do."""


class TargetError(Exception):
    """The target cannot be read: everything that is wrong, at once."""

    def __init__(self, path: Path, mistakes: list[Mistake]) -> None:
        self.path = path
        self.mistakes = mistakes
        lines = (
            f"{path}:{m.line}: " + (f"{m.where}: " if m.where else "") + m.what
            if m.line
            else f"{path}: " + (f"{m.where}: " if m.where else "") + m.what
            for m in mistakes
        )
        super().__init__("\n".join(lines))


def load(path: Path) -> Target:
    """Read a target from ``countermark.yaml``, or from the folder that holds it.

    Raises:
        TargetError: with every mistake in the file, the first :data:`MAX_MISTAKES` in full.
    """
    if path.is_dir():
        path = path / FILE_NAME
    node = _compose(path)
    try:
        value = _plain(node, 0)
    except _MisfitError as misfit:
        raise TargetError(path, [Mistake(misfit.line, "", str(misfit))]) from None
    if not isinstance(value, dict):
        raise TargetError(path, [Mistake(1, "", "the file is not a mapping; `countermark init` writes one")])
    try:
        target = Target.model_validate(value)
    except ValidationError as error:
        raise TargetError(path, _mistakes(node, _causes(error.errors()))) from None
    for name in ("services", "filings", "models"):
        for number, declared in enumerate(getattr(target, name)):
            declared.stands_at(_line(node, (name, number)))
    return target


def _causes(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without the complaints that a list is too short because its items are wrong."""
    parents = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
    return [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in parents]


def _mistakes(root: Node, details: list[ErrorDetails]) -> list[Mistake]:
    mistakes = sorted(
        (_mistake(root, detail) for detail in details[:MAX_MISTAKES]), key=lambda m: m.line or 0
    )
    if len(details) > MAX_MISTAKES:
        mistakes.append(Mistake(None, "", f"and {len(details) - MAX_MISTAKES:,} more mistakes"))
    return mistakes


def _compose(path: Path) -> Node:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        what = "no such file; `countermark init` writes one for the folder that you stand in"
        raise TargetError(path, [Mistake(None, "", what)]) from None
    except OSError as error:
        raise TargetError(path, [Mistake(None, "", error.strerror or str(error))]) from None
    if len(data) > MAX_BYTES:
        raise TargetError(path, [Mistake(None, "", f"larger than {MAX_BYTES >> 20} MiB: not a target")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TargetError(path, [Mistake(line, "", "not UTF-8 text")]) from None
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.max_depth = 2 * MAX_DEPTH  # its time grows with the square of the depth
        yaml.composer.warn_double_anchors = False  # anchors are refused, one or two
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        what = f"not YAML: {error.problem or error.context}"
        if type(error).__name__ == "MaxDepthExceededError":  # which older releases lack
            what = f"nested deeper than {MAX_DEPTH} levels"
        raise TargetError(path, [Mistake(line, "", what)]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        what = f"not YAML: {str(error).splitlines()[0]}" if str(error) else "not YAML: nested too deep"
        raise TargetError(path, [Mistake(1, "", what)]) from None
    if node is None:
        raise TargetError(path, [Mistake(1, "", "the file is empty; `countermark init` writes one")])
    return cast("Node", node)


class _MisfitError(ValueError):
    """YAML that this format has no place for."""

    def __init__(self, node: Node, what: str) -> None:
        super().__init__(what)
        self.line = node.start_mark.line + 1


def _plain(node: Node, depth: int) -> Any:
    """The plain value of a node. Keys must be strings and come once; tags and aliases are refused."""
    if depth > MAX_DEPTH:
        raise _MisfitError(node, f"nested deeper than {MAX_DEPTH} levels")
    if node.anchor:
        raise _MisfitError(
            node, f"anchors and aliases (&{node.anchor}) are not read here: write the value out"
        )
    tag = str(node.tag)
    if tag.removeprefix(YAML_TAG) not in KNOWN_TAGS:
        raise _MisfitError(node, f"the tag {tag} is not read here")
    if isinstance(node, MappingNode):
        value: dict[str, Any] = {}
        for key, item in node.value:
            if not isinstance(key, ScalarNode):
                raise _MisfitError(key, "a key is a word")
            if key.value in value:
                raise _MisfitError(key, f"the key {key.value!r} stands here a second time")
            value[key.value] = _plain(item, depth + 1)
        return value
    if isinstance(node, SequenceNode):
        return [_plain(item, depth + 1) for item in node.value]
    return _scalar(cast("ScalarNode", node))


def _scalar(node: ScalarNode) -> Any:
    text = str(node.value)
    match str(node.tag).removeprefix(YAML_TAG):
        case "null":
            return None
        case "bool":
            return text.lower() in {"true", "yes", "on", "y"}  # the last three in YAML 1.1
        case "int" | "float" as kind:
            try:
                return int(text.replace("_", ""), 0) if kind == "int" else float(text.replace("_", ""))
            except ValueError:
                return text
        case _:  # dates stay text, and are parsed by the field that wants one
            return text


def _mistake(root: Node, detail: ErrorDetails) -> Mistake:
    place = tuple(detail["loc"])
    where = reduce(
        lambda text, step: f"{text}[{step}]" if isinstance(step, int) else f"{text}.{step}",
        place,
        "",
    )
    what = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        what = "unknown key" + _suggestion(place)
    elif detail["type"] == "missing":
        what = "this key is missing"
    return Mistake(_line(root, place), where.lstrip("."), what)


def _line(node: Node, place: Place) -> int:
    """The line of the deepest part of ``place`` that the file has."""
    line = int(node.start_mark.line) + 1
    for step in place:
        if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        elif isinstance(node, MappingNode):
            entry = next(((k, v) for k, v in node.value if k.value == step), None)
            if entry is None:
                break
            line = entry[0].start_mark.line + 1
            node = entry[1]
        else:
            break
    return line


def _suggestion(place: Place) -> str:
    """The keys that stand where ``place`` ends, and the likeliest of them."""
    model: type[BaseModel] = Target
    for step in place[:-1]:
        if isinstance(step, str):
            model = _model_of(model, step) or model
    known = list(model.model_fields)
    close = difflib.get_close_matches(str(place[-1]), known, n=1)
    return f"; did you mean `{close[0]}`?" if close else f"; known here: {', '.join(known)}"


def _model_of(model: type[BaseModel], field: str) -> type[BaseModel] | None:
    info = model.model_fields.get(field)
    pending: list[Any] = [info.annotation] if info else []
    while pending:
        kind = pending.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
        pending.extend(getattr(kind, "__args__", ()))
    return None
