import io

from fastapi import FastAPI, Response, UploadFile
from PIL import Image

from poster import draft as drafts
from poster.pipeline import render
from poster.prompting import expand

app = FastAPI()


@app.get("/draft")
def draft(wish: str) -> dict:
    return {"url": drafts.draft(wish)}


@app.post("/poster")
async def poster(wish: str, edges: UploadFile) -> Response:
    image = render(expand(wish), Image.open(io.BytesIO(await edges.read())))
    out = io.BytesIO()
    image.save(out, "PNG")
    return Response(out.getvalue(), media_type="image/png")
