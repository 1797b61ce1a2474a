from unittest.mock import AsyncMock, patch

from app import llm


async def test_chat_uses_the_configured_model():
    with patch.object(llm, "client") as client, patch.object(llm.settings, "chat_model", "gpt-test-double"):
        client.chat.completions.create = AsyncMock()
        await llm.chat([{"role": "user", "content": "hi"}])
        assert client.chat.completions.create.call_args.kwargs["model"] == "gpt-test-double"
