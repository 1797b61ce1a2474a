import numpy as np

MODEL = "sedan-v3.glb"
DEFAULT_MODEL = "claude-monet-frame.obj"
EMBEDDING = "plane"
phi = {"phi-3": 0.33, "phi-4": 0.25}


def load(model: str = MODEL, prompt: str = "Choose a door") -> dict:
    """A 3D model embedded in the page; the prompt is shown to the customer."""
    return {"model": model, "prompt": prompt, "grid": np.zeros((3, 3)).tolist(), "angles": phi}
