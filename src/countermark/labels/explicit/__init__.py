"""Labels that a person sees or hears: drawn, spoken, written, and found again.

Each medium has its modules (``image``, ``video``, ``audio``, ``text``, ``documents``); ``wording`` has the
rule that all texts keep. Nothing is imported here, since the media need optional packages.
"""
