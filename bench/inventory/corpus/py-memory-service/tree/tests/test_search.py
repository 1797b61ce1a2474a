from unittest.mock import MagicMock

from mem0 import Memory


def test_config_is_accepted(monkeypatch):
    monkeypatch.setattr(Memory, "from_config", MagicMock())
    Memory.from_config({"llm": {"provider": "ollama", "config": {"model": "llama3.1:latest"}}})
    Memory.from_config.assert_called_once()
