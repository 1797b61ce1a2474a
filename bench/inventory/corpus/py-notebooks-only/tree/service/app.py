import numpy as np
from flask import Flask, jsonify, request
from sentence_transformers import SentenceTransformer

from service.settings import Config

app = Flask(__name__)
app.config.from_object(Config)
encoder = SentenceTransformer(app.config["ENCODER"])
centres = np.load("centres.npy")


@app.post("/cluster")
def cluster():
    vector = encoder.encode(request.json["text"], normalize_embeddings=True)
    return jsonify(cluster=int(np.argmax(centres @ vector)))
