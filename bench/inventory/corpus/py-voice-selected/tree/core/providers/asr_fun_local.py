from funasr import AutoModel


class ASRProvider:
    def __init__(self, config):
        self.model = AutoModel(model=config["model_dir"], vad_kwargs={"max_single_segment_time": 30000}, hub="ms")

    def speech_to_text(self, pcm: bytes) -> str:
        result = self.model.generate(input=pcm, language="auto", use_itn=True)
        return result[0]["text"]
