"""How batteries age: a cell model from the workshop, nothing learned."""


class Model:
    def __init__(self, cell: str, layers: int = 12):
        self.cell = cell
        self.layers = layers


pack = Model("gpt2-cell")
spare = Model("llama-cell-7", layers=7)
