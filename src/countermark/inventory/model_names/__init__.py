"""Model ids: the forms in which they are written, their grammar, and how two of them relate."""

from countermark.inventory.model_names.name import ModelName
from countermark.inventory.model_names.parsing import parse
from countermark.inventory.model_names.relations import Derivation, derivative, same

__all__ = ["Derivation", "ModelName", "derivative", "parse", "same"]
