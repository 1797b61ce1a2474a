import json
import os

import boto3

REGION = os.environ.get("AWS_BEDROCK_REGION", "us-east-1")
runtime = boto3.client("bedrock-runtime", region_name=REGION)
MODEL = os.environ.get("MODEL_ID", "anthropic.claude-instant-v1")
SPARE = "amazon.nova-lite-v1:0"


def invoke(model: str, text: str) -> dict:
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 500, "messages": [{"role": "user", "content": text}]}
    return json.loads(runtime.invoke_model(modelId=model, body=json.dumps(body))["body"].read())


def main(event, context):
    try:
        return invoke(MODEL, event["text"])
    except runtime.exceptions.ThrottlingException:
        return runtime.converse(modelId=SPARE, messages=[{"role": "user", "content": [{"text": event["text"]}]}])


def embed(text: str) -> list[float]:
    reply = runtime.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=json.dumps({"inputText": text}))
    return json.loads(reply["body"].read())["embedding"]
