import argparse

from paper import TAG_MODEL
from paper.client import complete


def summarise(article: str) -> str:
    return complete(f"用三句话概括：{article}")


def tags(article: str) -> list[str]:
    return complete(f"给出五个标签：{article}", model=TAG_MODEL).split("、")


def headline(article: str, model: str) -> str:
    return complete(f"拟一个标题：{article}", model=model)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--headline-model", required=True)
    arguments = parser.parse_args()
    for line in open("queue.txt", encoding="utf-8"):
        print(summarise(line), tags(line), headline(line, arguments.headline_model))
