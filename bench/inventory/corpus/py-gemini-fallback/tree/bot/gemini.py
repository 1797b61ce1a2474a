import os

from google import genai
from google.genai import errors, types

client = genai.Client(api_key=os.environ["GEMINI_API_KEY"], http_options={"headers": {"User-Agent": "gpt-4-compatible-bot/1.0"}})
CANDIDATES = ["gemini-2.5-flash", "gemini-2.0-flash-lite", "gemini-1.5-flash-8b"]


def ask(text: str) -> str:
    for name in CANDIDATES:
        try:
            return client.models.generate_content(model=name, contents=text).text
        except errors.ServerError:
            continue
    raise RuntimeError("no model answered")


def draw(prompt: str) -> bytes:
    reply = client.models.generate_images(
        model=os.environ.get("IMAGE_MODEL", "imagen-3.0-generate-002"),
        prompt=prompt,
        config=types.GenerateImagesConfig(number_of_images=1),
    )
    return reply.generated_images[0].image.image_bytes
