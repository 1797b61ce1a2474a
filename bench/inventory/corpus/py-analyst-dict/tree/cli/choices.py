"""Choices of the interactive wizard."""

QUICK_MODELS = {
    "openai": [("GPT-4.1-nano", "gpt-4.1-nano")],
    "anthropic": [("Claude Haiku 3.5", "claude-3-5-haiku-latest")],
    "google": [("Gemini 2.0 Flash-Lite", "gemini-2.0-flash-lite")],
}
