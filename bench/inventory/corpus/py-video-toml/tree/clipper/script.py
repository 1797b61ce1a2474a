from openai import OpenAI

from clipper import config

PROMPT = "为下面的主题写一段一分钟的解说词，只输出正文：\n{subject}"


def _settings() -> tuple[str, str, str]:
    provider = config.app.get("llm_provider", "openai")
    if provider == "moonshot":
        return (
            config.app["moonshot_api_key"],
            config.app["moonshot_base_url"],
            config.app["moonshot_model_name"],
        )
    if provider == "deepseek":
        return (
            config.app["deepseek_api_key"],
            config.app["deepseek_base_url"] or "https://api.deepseek.com",
            config.app["deepseek_model_name"],
        )
    if provider == "openai":
        base_url = config.app["openai_base_url"] or "https://api.openai.com/v1"
        return config.app["openai_api_key"], base_url, config.app["openai_model_name"]
    raise ValueError(f"unknown llm_provider: {provider}")


def write_script(subject: str) -> str:
    api_key, base_url, model_name = _settings()
    client = OpenAI(api_key=api_key, base_url=base_url)
    response = client.chat.completions.create(
        model=model_name, messages=[{"role": "user", "content": PROMPT.format(subject=subject)}]
    )
    return response.choices[0].message.content.strip()
