"""Nightly quality check of yesterday's answers: cron starts it beside the service."""
import sqlite3

import config
import prompts
from zhipuai import ZhipuAI


def main() -> None:
    client = ZhipuAI(api_key=config.ZHIPU_API_KEY)
    for question, answer in sqlite3.connect("answers.db").execute("select q, a from answers"):
        client.chat.completions.create(
            model=prompts.QC_MODEL,
            messages=[{"role": "user", "content": f"问：{question}\n答：{answer}\n回答是否准确？"}],
        )


if __name__ == "__main__":
    main()
