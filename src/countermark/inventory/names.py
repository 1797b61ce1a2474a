"""What a model id says of the model.

>>> parse("qwen2.5:7b-instruct-q4_K_M").quantisation
'q4_K_M'
>>> same("gpt-4o", "gpt-4o-2024-08-06")
'alias'
"""

from countermark.inventory.model_names import Derivation, ModelName, derivative, parse, same

__all__ = ["Derivation", "ModelName", "derivative", "parse", "same"]
