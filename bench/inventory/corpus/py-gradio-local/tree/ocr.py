"""Scanned contracts to text, before they are asked about."""
from modelscope.pipelines import pipeline
from modelscope.utils.constant import Tasks

reader = pipeline(Tasks.ocr_recognition, model="damo/cv_convnextTiny_ocr-recognition-general_damo")


def read(path: str) -> str:
    return " ".join(reader(path)["text"])
