from fastapi import FastAPI

from stock.filters import by_model
from stock.tables import Car

app = FastAPI()
MODELS = {"o1": "Orion One", "o3": "Orion Three", "c4": "Cirrus 4", "opus-2": "Opus Estate"}


@app.get("/cars/{model}")
def cars(model: str = "o3"):
    return by_model(model=model, table=Car)


@app.get("/test-drive")
def test_drive(model: str = "opus-2", temperature: float = 21.5):
    """Book a test drive; the temperature is that of the cabin."""
    return {"model": MODELS[model], "temperature": temperature}
