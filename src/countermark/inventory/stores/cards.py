"""What the small files beside the weights say: config.json, adapter_config.json, the model card, others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from countermark.inventory.usage import Kind

MAX_JSON = 8 << 20
MAX_CARD = 256 << 10
MAX_FRONT = 64 << 10
MAX_BASES = 20
ANCHORS = re.compile(r"(?m)(?:^|[\s\[{,:-])[&*][\w-]")
"""Anchors and aliases of YAML: no card needs them, and they can be made to grow without end."""
TASKS: dict[str, Kind] = {
    "text-generation": Kind.CHAT, "text2text-generation": Kind.CHAT, "conversational": Kind.CHAT,
    "chat": Kind.CHAT, "sentence-similarity": Kind.EMBEDDING, "feature-extraction": Kind.EMBEDDING,
    "sentence-embedding": Kind.EMBEDDING, "text-ranking": Kind.RERANK, "text-to-image": Kind.IMAGE,
    "image-to-image": Kind.IMAGE, "text-to-image-synthesis": Kind.IMAGE, "text-to-video": Kind.VIDEO,
    "image-to-video": Kind.VIDEO,
    "text-to-video-synthesis": Kind.VIDEO, "automatic-speech-recognition": Kind.SPEECH,
    "auto-speech-recognition": Kind.SPEECH, "text-to-speech": Kind.SPEECH, "text-to-audio": Kind.SPEECH,
    "image-text-to-text": Kind.VISION, "visual-question-answering": Kind.VISION, "image-to-text": Kind.VISION,
    "ocr-detection": Kind.OCR, "ocr-recognition": Kind.OCR,
}  # fmt: skip
"""Tasks as the hubs name them."""
ARCHITECTURES = (
    (re.compile(r"ForConditionalGeneration.*|VL|Vision|Llava", re.IGNORECASE), Kind.VISION),
    (re.compile(r"Whisper|Wav2Vec|Speech|CTC|Vits|Paraformer", re.IGNORECASE), Kind.SPEECH),
    (re.compile(r"ForCausalLM|LMHead|ChatGLM", re.IGNORECASE), Kind.CHAT),
)


@dataclass(slots=True)
class Said:
    """What the files of one folder say of the model in it."""

    names: list[str] = field(default_factory=list)
    """Of the model itself, the surest first."""
    loaded_from: list[str] = field(default_factory=list)
    """What it was loaded from when it was saved: itself elsewhere, or what it was tuned from."""
    bases: list[str] = field(default_factory=list)
    """What it is said to be made from."""
    licence: str = ""
    quantisation: str = ""
    architecture: str = ""
    revision: str = ""
    kind: Kind = Kind.UNKNOWN
    adapter: bool = False
    """It is no model of its own but an adapter on one."""
    troubles: list[tuple[str, str]] = field(default_factory=list)
    """File and what is wrong with it."""


Get = Callable[[str, int], bytes]
"""The first bytes of a file of the folder by its name."""


def said(names: Mapping[str, int], get: Get) -> Said:
    """Read what the files of a folder say.

    Args:
        names: The files of the folder with their sizes.
        get: Reads one.
    """
    found = Said()
    for name, read in READERS.items():
        if name in names:
            read(found, get, name)
    for name in sorted(names):
        if name.lower() in ("readme.md", "modelcard.md"):
            _card(found, get, name)
            break
    return found


def _json(found: Said, get: Get, name: str) -> dict[str, Any]:
    data = get(name, MAX_JSON + 1)
    try:
        if len(data) > MAX_JSON:
            raise ValueError("too large")
        told = orjson.loads(data)
    except ValueError as error:
        found.troubles.append((name, f"not read: {str(error)[:100]}"))
        return {}
    return told if isinstance(told, dict) else {}


def _config(found: Said, get: Get, name: str) -> None:
    told = _json(found, get, name)
    architectures = told.get("architectures")
    first = architectures[0] if isinstance(architectures, list) and architectures else ""
    found.architecture = _text(first) or _text(told.get("model_type")) or _text(told.get("_class_name"))
    found.kind = next((k for pattern, k in ARCHITECTURES if pattern.search(found.architecture)), found.kind)
    _add(found.loaded_from, told.get("_name_or_path"))
    packed = told.get("quantization_config")
    if isinstance(packed, dict):
        method = _text(packed.get("quant_method")) or _text(packed.get("quant_algo"))
        bits = packed.get("bits") or packed.get("w_bit")
        found.quantisation = f"{method}-int{bits}" if type(bits) is int and method else method


def _adapter(found: Said, get: Get, name: str) -> None:
    told = _json(found, get, name)
    found.adapter = True
    found.architecture = _text(told.get("peft_type")) or "adapter"
    _add(found.bases, told.get("base_model_name_or_path"))
    found.revision = _text(told.get("revision"))


def _pipeline(found: Said, get: Get, name: str) -> None:
    told = _json(found, get, name)
    found.architecture = _text(told.get("_class_name"))
    found.kind = Kind.VIDEO if "Video" in found.architecture else Kind.IMAGE
    _add(found.loaded_from, told.get("_name_or_path"))


def _sentences(found: Said, get: Get, name: str) -> None:
    found.kind = Kind.EMBEDDING


def _tokenizer(found: Said, get: Get, name: str) -> None:
    _add(found.loaded_from, _json(found, get, name).get("name_or_path"))


def _quantised(found: Said, get: Get, name: str) -> None:
    told = _json(found, get, name)
    bits = told.get("bits") or told.get("w_bit")
    found.quantisation = f"{_text(told.get('quant_method')) or 'gptq'}-int{bits}" if type(bits) is int else ""
    _add(found.loaded_from, told.get("model_name_or_path"))


def _model_scope(found: Said, get: Get, name: str) -> None:
    task = _json(found, get, name).get("task")
    found.kind = TASKS.get(_text(task), found.kind)


def _card(found: Said, get: Get, name: str) -> None:
    """The front matter of a model card."""
    front = front_matter(get(name, MAX_CARD))
    if front is None:
        return
    try:
        if len(front) > MAX_FRONT or ANCHORS.search(front):
            raise ValueError("too large, or with anchors")
        told = YAML(typ="safe", pure=True).load(front)
    except (YAMLError, ValueError, RecursionError, TypeError, AttributeError) as error:
        found.troubles.append((name, f"its front matter was not read: {str(error).splitlines()[0][:100]}"))
        return
    if not isinstance(told, dict):
        return
    for base in _texts(told.get("base_model")):
        _add(found.bases, base)
    licence = next(_texts(told.get("license")), "")
    found.licence = next(_texts(told.get("license_name")), "") or licence if licence == "other" else licence
    found.kind = TASKS.get(_text(told.get("pipeline_tag")), found.kind)


def front_matter(data: bytes) -> str | None:
    """What stands between the ``---`` at the beginning of a text; None where there is none."""
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    if not text.startswith("---\n"):
        return None
    end = text.find("\n---", 3)
    return text[4 : end + 1] if end >= 0 else None


def _texts(value: Any) -> Iterator[str]:
    values = value if isinstance(value, list) else [value]
    return (each for each in values[:MAX_BASES] if isinstance(each, str) and each)


def _text(value: Any) -> str:
    return value[:300] if isinstance(value, str) else ""


def _add(names: list[str], value: Any) -> None:
    text = _text(value).strip()
    if text and text not in names and text not in (".", "./"):
        names.append(text)


READERS: dict[str, Callable[[Said, Get, str], None]] = {
    "config.json": _config,
    "model_index.json": _pipeline,
    "configuration.json": _model_scope,
    "config_sentence_transformers.json": _sentences,
    "tokenizer_config.json": _tokenizer,
    "quantize_config.json": _quantised,
    "quant_config.json": _quantised,
    "adapter_config.json": _adapter,
}
"""In the order in which they are read: the later one has the last word."""
