"""A model that lies in a store."""

from __future__ import annotations

from dataclasses import dataclass, field

from countermark.inventory.usage import Conflict, Kind, Place, Unread


@dataclass(frozen=True, slots=True)
class StoredModel:
    """One model on disk, or in an image; whether anything serves it is another question."""

    name: str
    """As the store records it: a hub's id, Ollama's, a folder's, a file's; empty if nothing says."""
    store: str
    """``huggingface``, ``modelscope``, ``ollama``, ``folder`` or ``file``."""
    format: str
    """``safetensors``, ``gguf``, ``onnx``, ``torch``, ``keras``…; empty where only settings are there."""
    place: Place
    names: tuple[str, ...] = ()
    """What else it may be called: by its header, its folder, its file."""
    bases: tuple[str, ...] = ()
    """What it is said to be made from."""
    loaded_from: tuple[str, ...] = ()
    """What it was loaded from before it was saved here: itself elsewhere, or what it was tuned from."""
    revision: str = ""
    quantisation: str = ""
    licence: str = ""
    architecture: str = ""
    kind: Kind = Kind.UNKNOWN
    bytes: int = 0
    """Of its weights."""
    adapter: bool = False
    """No model of its own but an adapter on one."""
    remote: str = ""
    """The host that answers in truth, where nothing but the name is stored here."""
    conflicts: tuple[Conflict, ...] = ()
    where: str = ""
    """Its path as a command line may name it."""


@dataclass(slots=True)
class Stored:
    """What a store holds, and what of it was not read."""

    models: list[StoredModel] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
