"""Commands that fetch a model, so that something else can serve it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from countermark.inventory.serving.options import Options, loads, parse
from countermark.inventory.serving.wrappers import PYTHON, Command

HUBS = re.compile(
    r"(?:https?://|git@|ssh://git@)(?:[\w.-]*huggingface\.co|hf-mirror\.com|hf\.co|(?:www\.)?modelscope\.(?:cn|ai)|"
    r"wisemodel\.cn|gitee\.com/hf-models|ai\.gitee\.com)[/:](?:models/|api/v1/models/)?"
    r"(?P<model>(?!datasets/|spaces/)[\w.-]+/[\w.-]+?)(?:\.git)?(?:/|$|[?#])"
)
"""An address of a model on a hub, as ``git clone``, ``wget`` and ``curl`` are given it."""
LOADERS = re.compile(
    r"(?:snapshot_download|from_pretrained|hf_hub_download|SentenceTransformer|CrossEncoder|FlagModel|FlagReranker|"
    r"BGEM3FlagModel|TextEmbedding|WhisperModel|load_model|AutoModel)\(\s*(?:\w+\s*=\s*)?"
    r"[rf]?['\"](?P<model>[\w./:-]{3,160})['\"]"
)
"""A call in ``python -c`` that fetches a model."""
FETCHERS = frozenset(["wget", "curl", "aria2c", "axel", "git", "git-lfs", "hfd.sh"])
PULLS = re.compile(r"/api/(?:pull|generate|chat|embed|embeddings|create)\b")
LAUNCHES = re.compile(r":\d+/v1/models/?$")
VALUES = [
    "--revision",
    "--local-dir",
    "--cache-dir",
    "--token",
    "--include",
    "--exclude",
    "--repo-type",
    "--model",
    "--dataset",
    "--endpoint",
    "--max-workers",
    "-u",
    "--local_dir",
    "--cache_dir",
]


def fetched(command: Command) -> Iterator[str]:
    """The models that a command fetches, as written."""
    for programs, read in READERS:
        if command.program in programs:
            yield from read(command)
            return
    if PYTHON.fullmatch(command.program):
        yield from _python(command)


def _hugging_face(command: Command) -> Iterator[str]:
    """``huggingface-cli download M``, ``hf download M``."""
    words = command.words
    if len(words) > 2 and words[1] == "download":  # noqa: PLR2004 - hf, download, M
        options = parse(words[2:], VALUES, ())
        if options.first(["--repo-type"]) in ("", "model"):
            yield from _positional(options)


def _model_scope(command: Command) -> Iterator[str]:
    """``modelscope download --model M`` or ``modelscope download M``."""
    words = command.words
    if len(words) > 2 and words[1] == "download":  # noqa: PLR2004 - modelscope, download, M
        options = parse(words[2:], VALUES, ())
        if not options.has("--dataset"):
            yield from options.each(["--model", "--model-id"])[:1] or _positional(options)


def _pulled(command: Command) -> Iterator[str]:
    """``ollama pull M``, ``lms get M``, ``docker model pull M``, ``ramalama pull M``."""
    words = command.words[2:] if command.words[1:2] == ("model",) else command.words[1:]
    if words[:1] in (("pull",), ("get",)) and (command.program != "docker" or command.words[1] == "model"):
        yield from _positional(parse(words[1:], (), ()))


def _local_ai(command: Command) -> Iterator[str]:
    if command.words[1:3] == ("models", "install"):
        yield from _positional(parse(command.words[3:], ("--models-path",), ()))


def _addressed(command: Command) -> Iterator[str]:
    """``git clone``, ``wget``, ``curl`` of a hub; ``curl`` of Ollama's and Xinference's own API."""
    for word in command.words[1:]:
        if found := HUBS.match(word):
            yield found["model"]
    if command.program == "curl" and any(PULLS.search(w) or LAUNCHES.search(w) for w in command.words):
        for word in command.words[1:]:
            body = loads(word) if word.lstrip().startswith("{") else None
            if isinstance(body, dict):
                yield from _of_body(body)


def _of_body(body: dict[str, object]) -> Iterator[str]:
    names = (body.get(key) for key in ("model_name", "model", "name"))
    yield from [name for name in names if isinstance(name, str) and name][:1]


def _python(command: Command) -> Iterator[str]:
    if "-c" in command.words[:-1]:
        code = command.words[command.words.index("-c") + 1]
        for found in LOADERS.finditer(code):
            yield found["model"]
    elif command.words[1:3] == ("-m", "spacy") and command.words[3:4] == ("download",):
        yield from command.words[4:5]


def _positional(options: Options) -> Iterator[str]:
    yield from (options.free or options.maybe)[:1]


READERS: tuple[tuple[frozenset[str], Callable[[Command], Iterator[str]]], ...] = (
    (frozenset(["huggingface-cli", "hf"]), _hugging_face),
    (frozenset(["modelscope", "ms"]), _model_scope),
    (frozenset(["ollama", "lms", "docker", "docker-model", "ramalama"]), _pulled),
    (frozenset(["local-ai"]), _local_ai),
    (FETCHERS, _addressed),
)
"""Programs, and what reads their command lines."""
