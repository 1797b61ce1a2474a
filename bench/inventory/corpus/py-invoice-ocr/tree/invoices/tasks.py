import os

from celery import Celery

from invoices import ocr, vlm

app = Celery("invoices", broker=os.environ["BROKER_URL"])


@app.task
def parse(path: str) -> str:
    text, score = ocr.read(path)
    if score < 0.85:
        text = vlm.look(path)
    return text
