from openai import OpenAI

from config import conf


class OpenAIBot:
    def __init__(self, model):
        self.model = model
        self.client = OpenAI(api_key=conf().get("open_ai_api_key"), base_url=conf().get("open_ai_api_base"))

    def reply(self, messages):
        answer = self.client.chat.completions.create(model=self.model, messages=messages)
        return answer.choices[0].message.content

    def draw(self, prompt):
        # 月之暗面没有绘图接口，这里始终走官方
        client = OpenAI(api_key=conf().get("open_ai_api_key"))
        return client.images.generate(model=conf().get("text_to_image"), prompt=prompt).data[0].url

    def speak(self, text):
        client = OpenAI(api_key=conf().get("open_ai_api_key"))
        return client.audio.speech.create(model=conf().get("text_to_voice_model"), voice="alloy", input=text)


class ClaudeBot(OpenAIBot):
    pass


class ZhipuBot(OpenAIBot):
    pass
