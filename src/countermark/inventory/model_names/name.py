"""A model id, taken apart."""

from __future__ import annotations

from dataclasses import dataclass

from countermark.inventory.usage import Kind


@dataclass(frozen=True, slots=True)
class ModelName:
    """What one model id says."""

    written: str
    """The text as it was given."""
    family: str
    """Id of the family in the signatures."""
    provider: str
    """Id of the maker: not of whoever serves it."""
    kind: Kind
    version: str = ""
    """``2.5``, ``4o``, ``k2``; without a leading ``v``."""
    size: str = ""
    """Parameters: ``7B``, ``235B-A22B``, ``8x7B``, ``110M``."""
    snapshot: str = ""
    """The date or number of a fixed state: ``2024-08-06``, ``0613``, ``20250219``, ``001``."""
    quantisation: str = ""
    """As written: ``Q4_K_M``, ``AWQ``, ``GPTQ-Int4``, ``4bit``; number formats such as ``fp16`` too."""
    alias: bool = False
    """Whether the name floats: ``-latest``, or an API's name without a date that moves to newer states."""
    tuned: str = ""
    """``instruct``, ``chat``, ``distill:qwen-7b``, ``fine-tune:medical``, ``fine-tune:gpt-4o-2024-08-06``…"""
    org: str = ""
    """The account on a hub, or the vendor on a router: ``Qwen`` in ``Qwen/Qwen2.5-7B-Instruct``."""
    prefix: str = ""
    """What routes it there: ``openrouter``, ``ollama``, ``Pro``, ``us`` of Bedrock, ``hf.co``."""
    licence: str = ""
    """SPDX id or the licence's own name; empty where it is not known."""
    open_weights: bool | None = None
    """Whether the weights can be had; None where the name does not say."""
    variant: str = ""
    """The words that say something else, in their order: ``vl-max``, ``mini``, ``flash-lite``."""
    base: str = ""
    """The name without organisation, prefix, quantisation and file ending, in lower case."""
