"""Labels that a person sees or hears: drawn, spoken, written, and found again.

Each medium has its module (``image``, ``video``, ``audio``, ``text``, ``documents``), and ``wording`` the rule
that all texts keep. Nothing is imported here, since the media need optional packages.
"""
