"""The commands of ``countermark weights``."""
