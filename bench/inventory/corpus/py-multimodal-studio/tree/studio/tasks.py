from celery import Celery

from studio import images, receipts, speech, video

app = Celery("studio", broker="redis://redis:6379/0")


@app.task
def make(prompt: str) -> dict:
    return {"poster": images.poster(prompt), "film": video.film(prompt), "voice": len(speech.speak(prompt))}


@app.task
def preview(prompt: str) -> str:
    return images.quick(prompt)


@app.task
def expense(url: str, sound: str) -> dict:
    return {"receipt": receipts.read(url), "said": speech.listen(sound)}
