from faster_whisper import WhisperModel

from clipper import config

model = None


def transcribe(audio_file: str) -> list[tuple[float, float, str]]:
    global model
    if model is None:
        model = WhisperModel(
            config.whisper.get("model_size", "base"),
            device=config.whisper.get("device", "cpu"),
            compute_type=config.whisper.get("compute_type", "int8"),
        )
    segments, _ = model.transcribe(audio_file, beam_size=5, vad_filter=True)
    return [(s.start, s.end, s.text) for s in segments]
