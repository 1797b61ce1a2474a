from flask import Flask, request
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()


@app.post("/hook")
def hook():
    question = request.json["text"]
    vector = client.embeddings.create(model="team-embed", input=question).data[0].embedding
    app.logger.info("question of %d dimensions", len(vector))
    answer = client.chat.completions.create(model="team-chat", messages=[{"role": "user", "content": question}])
    return {"text": answer.choices[0].message.content}
