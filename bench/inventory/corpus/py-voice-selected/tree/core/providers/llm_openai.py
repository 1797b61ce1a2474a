from openai import OpenAI


class LLMProvider:
    def __init__(self, config):
        self.model_name = config.get("model_name")
        self.base_url = config.get("base_url") or config.get("url")
        self.client = OpenAI(api_key=config.get("api_key"), base_url=self.base_url)

    def response(self, dialogue):
        stream = self.client.chat.completions.create(model=self.model_name, messages=dialogue, stream=True)
        for chunk in stream:
            delta = chunk.choices[0].delta
            if delta.content:
                yield delta.content
