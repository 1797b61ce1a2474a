"""What runs against what is registered, both ways."""

from countermark.inventory.reconciliation.positions import Position, Standing, Weight, states
from countermark.inventory.reconciliation.reconciling import Calendar, reconcile

__all__ = ["Calendar", "Position", "Standing", "Weight", "reconcile", "states"]
