from fastapi import FastAPI

from triage.program import configure, program

configure()
app = FastAPI()
triage = program()


@app.post("/triage")
def route(body: dict):
    return {"desk": triage(letter=body["letter"]).desk}
