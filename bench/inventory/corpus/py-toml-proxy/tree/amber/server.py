import typer
from openai import OpenAI

from amber.config import load


def main(config: str = "configs/proxy-tongyi.toml") -> None:
    models = load(config)["models"]
    llm, embedding = models["llms"][0], models["embeddings"][0]
    client = OpenAI(base_url=llm["api_base"], api_key=llm["api_key"])
    client.embeddings.create(model=embedding["name"], input="预热")
    print(client.chat.completions.create(model=llm["name"], messages=[{"role": "user", "content": "你好"}]))


if __name__ == "__main__":
    typer.run(main)
