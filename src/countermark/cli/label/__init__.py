"""The commands about labels, each in a module of its own."""
