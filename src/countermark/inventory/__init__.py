"""Which AI is in use, and under which numbers it is filed.

>>> from countermark import inventory
>>> found = inventory.scan("deployment")  # doctest: +SKIP
>>> [usage.model for usage in found.of(inventory.State.EFFECTIVE)]  # doctest: +SKIP
['qwen-plus']
"""

from countermark.inventory.saving import diff
from countermark.inventory.scanning import scan
from countermark.inventory.usage import Inventory, Kind, Place, Route, State, Unread, Usage

__all__ = ["Inventory", "Kind", "Place", "Route", "State", "Unread", "Usage", "diff", "scan"]
