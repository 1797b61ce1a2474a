"""Which of the stored models something serves: those are in use, the others only lie there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from countermark.inventory import names, signatures
from countermark.inventory.serving import Served
from countermark.inventory.stores.stored import StoredModel
from countermark.inventory.usage import Place, Route, State, Usage

STARTING = frozenset([State.EFFECTIVE, State.FALLBACK])
"""The states of usages that count as serving."""
UNSERVED = "on disk, and nothing in what was scanned starts it"
PATH_MARKS = ("/", "./", "../", "~")


@dataclass(frozen=True, slots=True)
class _Start:
    """Something that serves a model, as it writes it."""

    text: str
    by: str
    host: str = ""
    state: State = State.EFFECTIVE
    places: tuple[Place, ...] = ()


def usages(stored: Iterable[StoredModel], served: Iterable[Served | Usage]) -> list[Usage]:
    """The stored models as usages.

    Args:
        stored: What the stores hold.
        served: What command lines serve, and usages that were found: effective ones count, and fallbacks.

    Returns:
        Effective where something serves it by its name or its path, stale otherwise; unresolved where nothing
        says which model it is.
    """
    starts = [start for each in served for start in _starts(each)]
    by_name: dict[str, list[_Start]] = {}
    for start in starts:
        for key in _keys(start.text):
            by_name.setdefault(key, []).append(start)
    return [_usage(each, _serving(each, by_name)) for each in stored]


def _starts(each: Served | Usage) -> Iterator[_Start]:
    if isinstance(each, Served):
        for text in (each.model, each.draft, *(path for _, path in each.adapters)):
            if text:
                yield _Start(text, each.engine, each.host)
    elif each.state in STARTING and each.model and each.route in (Route.SELF_HOSTED, Route.UNKNOWN):
        yield _Start(each.model, str(each.place), each.host, each.state, each.places[:1])


def _keys(text: str) -> Iterator[str]:
    """What a text and a stored model have in common where they mean the same."""
    lower = text.strip().lower().rstrip("/")
    if lower.startswith(PATH_MARKS):
        yield f"path {posixpath.basename(lower)}"
        return
    for prefix in ("hf.co/", "huggingface.co/", "ollama://", "hf://", "modelscope.cn/"):
        lower = lower.removeprefix(prefix)
    yield lower
    name, _, tag = lower.partition(":")
    if not tag and "/" not in lower:
        yield f"{lower}:latest"
    if tag and name.count("/") == 1:
        yield name  # llama.cpp's `org/repository:Q4_K_M`
    if posixpath.splitext(lower)[1] in (".gguf", ".bin", ".safetensors", ".onnx", ".pt"):
        yield f"path {posixpath.basename(lower)}"


def _serving(stored: StoredModel, by_name: dict[str, list[_Start]]) -> list[_Start]:
    own = {stored.name.lower(), posixpath.basename(stored.name.lower())} - {""}
    keys = [
        *own,
        *(f"path {posixpath.basename(path.lower())}" for path in (stored.where, stored.name) if path),
    ]
    keys += [f"path {name.lower()}" for name in stored.names]
    found = [start for key in dict.fromkeys(keys) for start in by_name.get(key, ())]
    return [start for start in dict.fromkeys(found) if _leads_there(start.text, stored)]


def _leads_there(text: str, stored: StoredModel) -> bool:
    """Whether a path may be that of the model: its last folders too, where both are known."""
    if not text.startswith("/") or not stored.where.startswith("/"):
        return True
    written, known = text.rstrip("/").split("/")[::-1], stored.where.split("/")[::-1]
    return written[0].lower() == known[0].lower() or written[0].lower() in {
        name.lower() for name in stored.names
    }


def _usage(stored: StoredModel, starts: list[_Start]) -> Usage:
    known = names.parse(stored.name) or next(filter(None, map(names.parse, stored.bases)), None)
    state = min((start.state for start in starts), key=list(State).index, default=State.STALE)
    remote = signatures.host(stored.remote) if stored.remote else None
    return Usage(
        model=stored.name,
        state=state if stored.name else State.UNRESOLVED,
        places=(stored.place, *(place for start in starts for place in start.places)),
        provider=known.provider if known else "",
        host=stored.remote or next((start.host for start in starts if start.host), ""),
        route=Route.SELF_HOSTED if not stored.remote else remote.route if remote else Route.UNKNOWN,
        kind=stored.kind,
        expression="" if stored.name else stored.place.path,
        why=tuple(_why(stored, starts)),
        conflicts=stored.conflicts,
    )


def _why(stored: StoredModel, starts: list[_Start]) -> Iterator[str]:
    yield from dict.fromkeys(f"served as {start.text} by {start.by}" for start in starts)
    if not starts:
        yield UNSERVED
    if stored.adapter:
        yield "an adapter, no model of its own"
    if not stored.format and not stored.remote:
        yield "only its settings are there, no weights"
    yield from (f"made from {base}" for base in stored.bases)
    yield from (f"was loaded from {name}" for name in stored.loaded_from)
    said = {"quantised": stored.quantisation, "licence": stored.licence, "revision": stored.revision,
            "architecture": stored.architecture, "passed on to": stored.remote}  # fmt: skip
    yield from (f"{what} {text}" for what, text in said.items() if text)
