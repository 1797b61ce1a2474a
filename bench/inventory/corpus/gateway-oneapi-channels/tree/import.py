"""Puts channels.json into a fresh gateway."""
import json
import os

import requests

BASE = os.getenv("GATEWAY", "http://localhost:3000")

for channel in json.load(open("channels.json", encoding="utf-8")):
    requests.post(f"{BASE}/api/channel/", json=channel, headers={"Authorization": os.environ["ADMIN"]})
