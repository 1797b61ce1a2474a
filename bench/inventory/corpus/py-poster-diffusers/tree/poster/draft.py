import os
from http import HTTPStatus

from dashscope import ImageSynthesis


def draft(wish: str) -> str:
    """草稿用云端模型，快。"""
    response = ImageSynthesis.call(
        api_key=os.environ["DASHSCOPE_API_KEY"],
        model="wanx2.1-t2i-turbo",
        prompt=wish,
        n=1,
        size="768*1152",
    )
    if response.status_code != HTTPStatus.OK:
        raise RuntimeError(response.message)
    return response.output.results[0].url
