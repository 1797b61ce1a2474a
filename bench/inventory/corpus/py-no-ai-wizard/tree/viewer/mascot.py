GEMMA = {"name": "gemma", "size": "2b", "pose": "gemma-2"}


def chat(message: str) -> str:
    """The mascot has four sentences."""
    return {"hi": "Hello!", "bye": "See you."}.get(message, "Please call the office.")
