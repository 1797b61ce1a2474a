from pagetrans.translators import OpenAITranslator


def test_the_environment_names_the_model(monkeypatch):
    monkeypatch.setenv("OPENAI_MODEL", "gpt-4-0613")
    assert OpenAITranslator("en", api_key="none").model == "gpt-4-0613"
