from paddleocr import PaddleOCR

engine = PaddleOCR(
    text_detection_model_name="PP-OCRv5_server_det",
    text_recognition_model_name="PP-OCRv5_server_rec",
    use_doc_orientation_classify=False,
    use_doc_unwarping=False,
)


def read(path: str) -> tuple[str, float]:
    result = engine.predict(path)[0]
    scores = result["rec_scores"]
    return "\n".join(result["rec_texts"]), min(scores, default=0.0)
