import os

import requests

ARK = "https://ark.cn-beijing.volces.com/api/v3/contents/generations/tasks"


def film(prompt: str) -> str:
    body = {"model": "doubao-seedance-1-0-lite-t2v-250428", "content": [{"type": "text", "text": prompt}]}
    return requests.post(ARK, json=body, headers={"Authorization": f"Bearer {os.environ['ARK_KEY']}"}).json()["id"]
