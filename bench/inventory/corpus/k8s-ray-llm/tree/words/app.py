from ray import serve
from transformers import pipeline


@serve.deployment
class Words:
    def __init__(self):
        self.classify = pipeline("sentiment-analysis", model="uer/roberta-base-finetuned-jd-binary-chinese")

    async def __call__(self, request):
        return self.classify((await request.json())["text"])


deployment = Words.bind()
