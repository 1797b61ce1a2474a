"""The command lines of model servers: which model they serve, under which name, and where.

Command lines are read, never run. A server is known by its program, else by the image that it runs in,
else by options that no other program has. Names lie: the name that a model is served under stands beside
the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from countermark.inventory import names
from countermark.inventory.serving.downloads import fetched
from countermark.inventory.serving.engines import Engine, Start, entered, find
from countermark.inventory.serving.options import Options, loads, parse, rejoined
from countermark.inventory.serving.wrappers import Command, program, unwrapped
from countermark.inventory.usage import Kind

DOWNLOAD = "download"
"""The engine of a command that only fetches a model."""
EVERYWHERE = frozenset(["", "0.0.0.0", "[::]", "*", "0", "[::0]"])  # noqa: S104 - what a server is told, not what we bind
CLOUD = re.compile(r"[:-]cloud$")
"""Tags of Ollama's models that run at ollama.com."""
PORT = re.compile(r"\d{1,5}")
TASKS = (
    (Kind.RERANK, re.compile(r"rerank|score|cross-?encod|classif|reward", re.IGNORECASE)),
    (Kind.EMBEDDING, re.compile(r"embed", re.IGNORECASE)),
    (Kind.SPEECH, re.compile(r"transcri|audio|asr|tts|speech", re.IGNORECASE)),
    (Kind.VIDEO, re.compile(r"video", re.IGNORECASE)),
    (Kind.IMAGE, re.compile(r"image|diffusion", re.IGNORECASE)),
)
SAYS_NOTHING = frozenset(["none", "auto", "hf", "llama", "pytorch"])
"""Values of options that leave the numbers as they are: ``--quantization none``, ``--model-format hf``."""
ONE = ("model", "draft", "quantisation", "revision", "host", "port", "endpoint", "size")
MANY = ("name", "lora")


@dataclass(frozen=True, slots=True)
class Served:
    """One model that a command serves, or fetches."""

    model: str
    """As written: an id, a path, a file, a variable; empty where the command does not say."""
    engine: str
    """Id of the server in ``engines.toml``; ``download`` where the model is only fetched."""
    served_name: str = ""
    """What clients call it, where it is given one."""
    aliases: tuple[str, ...] = ()
    """Further names that clients may call it."""
    kind: Kind = Kind.UNKNOWN
    host: str = ""
    """``host:port`` that it listens on, where that is one address; empty where it is every address, or not
    said."""
    port: int = 0
    """The port; the server's own default where none is given, 0 where not even that is known."""
    adapters: tuple[tuple[str, str], ...] = ()
    """LoRA adapters: the name that clients call, empty where there is none, and the adapter as written."""
    quantisation: str = ""
    draft: str = ""
    """The smaller model that guesses ahead in speculative decoding."""
    revision: str = ""
    size: str = ""
    """Billions of parameters, where an option of its own says so and the name does not."""
    remote: str = ""
    """The host that answers in truth, where the server only passes requests on."""


def served(
    words: Sequence[str], *, image: str = "", environment: Mapping[str, str] | None = None
) -> list[Served]:
    """The models that a command line serves or fetches.

    Args:
        words: Program and arguments; or one string that a shell would split.
        image: The container image that they run in.
        environment: What is set for them, where that is known as a whole. Without it, variables that the
            command itself does not set stay as written.
    """
    command = Command(tuple(words), image, dict(environment or {}), complete=environment is not None)
    found: list[Served] = []
    for each in unwrapped(command):
        start = find(each)
        if start is not None:
            found += _of_server(start, each)
        elif each.words:
            models = list(fetched(each)) or list(fetched(entered(each)))
            found += (Served(model, DOWNLOAD, kind=_kind_of(model)) for model in models)
    return list(dict.fromkeys(found))


def _kind_of(*texts: str) -> Kind:
    for text in texts:
        parsed = names.parse(text)
        if parsed is not None and parsed.kind is not Kind.UNKNOWN:
            return parsed.kind
    return Kind.UNKNOWN


def _of_server(start: Start, command: Command) -> Iterator[Served]:
    engine = start.engine
    one = [spelling for name in ONE for spelling in engine.options.get(name, ())]
    many = [spelling for name in MANY for spelling in engine.options.get(name, ())]
    options = parse(start.arguments, one, many)
    if options.has("--help", "-h", "--version") and not options.first(engine.options.get("model", ())):
        return
    environment = {
        role: command.environment[v] for v, role in engine.environment.items() if command.environment.get(v)
    }
    models = _models(engine, options, command) or _listed(environment.get("model", ""), engine)
    called = _names(engine, options) or _listed(environment.get("name", ""), engine)
    if engine.positional_is_name:
        models, called = [], models
    default = (engine.image_port if command.image else 0) or engine.default_port
    host, port = _address(engine, options, environment, default)
    first = Served(
        model="",
        engine=engine.id,
        host=host,
        port=port,
        adapters=tuple(_adapters(engine, options))
        or tuple(_pairs(_listed(environment.get("lora", ""), engine))),
        quantisation=_one(options, environment, engine, "quantisation"),
        draft=_draft(engine, options),
        revision=_one(options, environment, engine, "revision"),
        size=_one(options, environment, engine, "size"),
    )
    for at, model in enumerate(models or [""]):
        own = called if len(models) <= 1 else called[at : at + 1]
        yield replace(
            first,
            model=model,
            served_name=own[0] if own else "",
            aliases=tuple(own[1:]),
            kind=_kind(engine, options, model, own),
            remote="ollama.com" if engine.id == "ollama" and CLOUD.search(model) else "",
        )


def _one(options: Options, environment: Mapping[str, str], engine: Engine, name: str) -> str:
    value = options.first(engine.options.get(name, ())) or environment.get(name, "")
    return "" if value.lower() in SAYS_NOTHING else value


def _models(engine: Engine, options: Options, command: Command) -> list[str]:
    spellings = engine.options.get("model", ())
    if engine.both:
        found = options.each(spellings)
    elif engine.several:
        found = [part for value in options.values(spellings) for part in _listed(value, engine)]
    else:
        found = [value] if (value := options.first(spellings)) else []
    if not found and engine.positional:
        found = _positional(engine, options)
    if not found:
        found = [model for option, model in engine.presets.items() if options.has(option)]
    if not found and engine.image_names and (named := engine.image_names.search(command.image)):
        found = [named[1]]
    if (
        not found
        and engine.program_names
        and (named := engine.program_names.fullmatch(program(command.words[0])))
    ):
        found = [named[1]]
    return list(dict.fromkeys(found))


def _positional(engine: Engine, options: Options) -> list[str]:
    if engine.several:
        return options.free
    if options.leads:
        return options.free[:1]
    candidates = [*options.free, *options.maybe]
    return [word for word in candidates if "/" in word or "$" in word or names.parse(word) is not None][:1]


def _listed(text: str, engine: Engine) -> list[str]:
    parts = re.split(r"[,;]", text) if engine.several or "," in text else [text]
    return [part.strip() for part in parts if part.strip()]


def _names(engine: Engine, options: Options) -> list[str]:
    return [part for word in options.values(engine.options.get("name", ())) for part in _listed(word, engine)]


def _adapters(engine: Engine, options: Options) -> Iterator[tuple[str, str]]:
    words = options.values(engine.options.get("lora", ()))
    if engine.id == "xinference":  # two words each: its name and its path
        yield from zip(words[::2], words[1::2], strict=False)
        return
    if words and words[0].startswith("{"):
        words = [text for text in re.split(r"(?<=\})\s+(?=\{)", " ".join(words)) if text]
    yield from _pairs(
        [part for word in words for part in ([word] if word.startswith("{") else word.split(","))]
    )


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        told = loads(word) if word.startswith("{") else None
        if isinstance(told, dict):
            yield (
                str(told.get("name") or told.get("lora_name") or ""),
                str(told.get("path") or told.get("lora_path") or ""),
            )
            continue
        name, equals, path = word.partition("=")
        if not re.fullmatch(r"-?[\d.]+", word) and word:  # a scale, as of --lora-scaled
            yield (name, path) if equals else ("", word)


def _draft(engine: Engine, options: Options) -> str:
    text = rejoined(options.words(engine.options.get("draft", ())))
    told = loads(text) if text.startswith("{") else None
    if isinstance(told, dict):
        return str(told.get("model") or "")
    return "" if text.startswith("{") or text == "[ngram]" else text


def _address(
    engine: Engine, options: Options, environment: Mapping[str, str], default: int
) -> tuple[str, int]:
    """Where it listens, empty where that is every address; and the port."""
    host = options.first(engine.options.get("endpoint", ())) or options.first(engine.options.get("host", ()))
    host = (host or environment.get("host", "")).rpartition("://")[2].partition("/")[0]
    told = options.first(engine.options.get("port", ())) or environment.get("port", "")
    if found := re.fullmatch(r"(\[[^\]]*\]|[^:]*):(\d{1,5})", host):
        host, told = found[1], told or found[2]
    port = int(told) if PORT.fullmatch(told) else default
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return ("" if host.lower() in EVERYWHERE or "$" in host else f"{host}:{port}"), port


def _kind(engine: Engine, options: Options, model: str, called: Sequence[str]) -> Kind:
    if options.has("--reranking", "--rerank"):
        return Kind.RERANK
    if options.has("--is-embedding", "--embedding", "--embeddings"):
        return Kind.EMBEDDING
    task = options.first(["--task", "--convert", "--model-type", "--pipeline-tag", "--runner"])
    for kind, pattern in TASKS:
        if task and pattern.search(task):
            return kind
    known = _kind_of(model, *called)
    return known if known is not Kind.UNKNOWN else engine.kind
