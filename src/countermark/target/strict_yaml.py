"""A YAML document that an operator writes: read strictly, with every mistake and its line.

Anchors, tags and keys that stand twice are refused, since two readers may take them differently.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from countermark.target.declaration import Declared

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_MISTAKES = 100
YAML_TAG = "tag:yaml.org,2002:"
KNOWN_TAGS = frozenset(["map", "seq", "str", "null", "bool", "int", "float", "timestamp", "merge", "value"])

Place: TypeAlias = tuple[int | str, ...]
Document = TypeVar("Document", bound=BaseModel)


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong with the file."""

    line: int | None
    """Counted from 1; None where the whole file is meant."""
    where: str
    """Dotted path of the field."""
    what: str
    """What is wrong and what to do."""


class DocumentError(Exception):
    """A document cannot be read: everything that is wrong, at once."""

    def __init__(self, path: Path, mistakes: list[Mistake]) -> None:
        self.path = path
        self.mistakes = mistakes
        super().__init__("\n".join(_said(path, mistake) for mistake in mistakes))


def read(path: Path, model: type[Document], placed: Iterable[str] = (), hint: str = "") -> Document:
    """Read a document.

    Args:
        path: of the file.
        model: what it is validated as.
        placed: names of the lists whose items learn their line.
        hint: what to do where there is no document at all.

    Raises:
        DocumentError: with every mistake in the file, the first :data:`MAX_MISTAKES` in full.
    """
    node = _compose(path, hint)
    try:
        value = _plain(node, 0)
    except _MisfitError as misfit:
        raise DocumentError(path, [Mistake(misfit.line, "", str(misfit))]) from None
    if not isinstance(value, dict):
        raise DocumentError(path, [Mistake(1, "", f"the file is not a mapping{hint}")])
    try:
        document = model.model_validate(value)
    except ValidationError as error:
        raise DocumentError(path, _mistakes(node, _causes(error.errors()), model)) from None
    for name in placed:
        for number, item in enumerate(getattr(document, name)):
            if isinstance(item, Declared):
                item.stands_at(_line(node, (name, number)))
    return document


def _said(path: Path, mistake: Mistake) -> str:
    place = f"{path}:{mistake.line}" if mistake.line else str(path)
    return f"{place}: " + (f"{mistake.where}: " if mistake.where else "") + mistake.what


def _compose(path: Path, hint: str) -> Node:
    text = _text(path, hint)
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.max_depth = 2 * MAX_DEPTH  # its time grows with the square of the depth
        yaml.composer.warn_double_anchors = False  # anchors are refused, one or two
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"not YAML: {error.problem or error.context}"
        if type(error).__name__ == "MaxDepthExceededError":  # which older releases lack
            what = f"nested deeper than {MAX_DEPTH} levels"
        raise DocumentError(path, [Mistake(mark.line + 1 if mark else 1, "", what)]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        what = f"not YAML: {str(error).splitlines()[0]}" if str(error) else "not YAML: nested too deep"
        raise DocumentError(path, [Mistake(1, "", what)]) from None
    if node is None:
        raise DocumentError(path, [Mistake(1, "", f"the file is empty{hint}")])
    return cast("Node", node)


def _text(path: Path, hint: str) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise DocumentError(path, [Mistake(None, "", f"no such file{hint}")]) from None
    except OSError as error:
        raise DocumentError(path, [Mistake(None, "", error.strerror or str(error))]) from None
    if len(data) > MAX_BYTES:
        raise DocumentError(path, [Mistake(None, "", f"larger than {MAX_BYTES >> 20} MiB")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DocumentError(path, [Mistake(line, "", "not UTF-8 text")]) from None


class _MisfitError(ValueError):
    """YAML that such a document has no place for."""

    def __init__(self, node: Node, what: str) -> None:
        super().__init__(what)
        self.line = node.start_mark.line + 1


def _plain(node: Node, depth: int) -> Any:
    """The plain value of a node. Keys must be words and come once; tags and aliases are refused."""
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
        return _mapping(node, depth)
    if isinstance(node, SequenceNode):
        return [_plain(item, depth + 1) for item in node.value]
    return _scalar(cast("ScalarNode", node))


def _mapping(node: MappingNode, depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, item in node.value:
        if not isinstance(key, ScalarNode):
            raise _MisfitError(key, "a key is a word")
        if key.value in value:
            raise _MisfitError(key, f"the key {key.value!r} stands here a second time")
        value[key.value] = _plain(item, depth + 1)
    return value


def _scalar(node: ScalarNode) -> Any:
    """Nothing, a truth value, a number, or text; days stay text, for the field that wants one."""
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
        case _:
            return text


def _causes(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without the complaints that a list is too short because its items are wrong."""
    parents = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
    return [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in parents]


def _mistakes(root: Node, details: list[ErrorDetails], model: type[BaseModel]) -> list[Mistake]:
    found = (_mistake(root, detail, model) for detail in details[:MAX_MISTAKES])
    mistakes = sorted(found, key=lambda mistake: mistake.line or 0)
    if len(details) > MAX_MISTAKES:
        mistakes.append(Mistake(None, "", f"and {len(details) - MAX_MISTAKES:,} more mistakes"))
    return mistakes


def _mistake(root: Node, detail: ErrorDetails, model: type[BaseModel]) -> Mistake:
    place = tuple(detail["loc"])
    where = reduce(
        lambda text, step: f"{text}[{step}]" if isinstance(step, int) else f"{text}.{step}", place, ""
    )
    what = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        what = "unknown key" + _suggestion(place, model)
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


def _suggestion(place: Place, model: type[BaseModel]) -> str:
    """The keys that stand where ``place`` ends, and the likeliest of them."""
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
