"""x"""

STEMS: tuple[bytes, ...] = (b"gpt",)
