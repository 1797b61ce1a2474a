"""The commands about the register, each in a module of its own."""
