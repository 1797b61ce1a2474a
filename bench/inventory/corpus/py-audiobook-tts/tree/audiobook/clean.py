from dashscope import Generation

from audiobook.settings import CLEAN_MODEL


def clean(chapter: str) -> str:
    """去掉页眉、脚注和广告。"""
    response = Generation.call(
        model=CLEAN_MODEL,
        messages=[
            {"role": "system", "content": "去掉页眉、脚注和广告，其余一字不改。"},
            {"role": "user", "content": chapter},
        ],
        result_format="message",
    )
    return response.output.choices[0].message.content
