"""An inventory as people and other tools read it."""
