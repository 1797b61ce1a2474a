"""The commands about what is in use, each in a module of its own."""
