"""Rates pairs for DPO."""
from transformers import pipeline

rater = pipeline("text-classification", model="OpenAssistant/reward-model-deberta-v3-large-v2")

if __name__ == "__main__":
    for line in open("data/pairs.txt", encoding="utf-8"):
        print(rater(line))
