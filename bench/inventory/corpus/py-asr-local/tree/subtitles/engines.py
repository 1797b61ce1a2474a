import os

from faster_whisper import WhisperModel
from funasr import AutoModel
from pyannote.audio import Pipeline


def faster(path: str, size: str):
    model = WhisperModel(size, device="cuda", compute_type="float16")
    segments, _ = model.transcribe(path, vad_filter=True)
    speakers = Pipeline.from_pretrained("pyannote/speaker-diarization-3.1", use_auth_token=os.getenv("HF_TOKEN"))
    return list(segments), speakers(path)


def paraformer(path: str):
    model = AutoModel(model="iic/speech_paraformer-large-vad-punc_asr_nat-zh-cn-16k-common-vocab8404-pytorch", vad_model="fsmn-vad", punc_model="ct-punc")
    return model.generate(input=path)
