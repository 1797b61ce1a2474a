from http import HTTPStatus

from dashscope import ImageSynthesis


def poster(prompt: str) -> str:
    reply = ImageSynthesis.call(model=ImageSynthesis.Models.wanx_v1, prompt=prompt, n=1, size="1024*1024")
    return reply.output.results[0].url if reply.status_code == HTTPStatus.OK else ""


def quick(prompt: str) -> str:
    return ImageSynthesis.call(model="wanx2.1-t2i-turbo", prompt=prompt, n=1).output.results[0].url
