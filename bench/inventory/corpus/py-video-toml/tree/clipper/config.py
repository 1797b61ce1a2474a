import tomllib
from pathlib import Path

_path = Path(__file__).parent.parent / "config.toml"
_data = tomllib.loads(_path.read_text(encoding="utf-8"))

app = _data["app"]
whisper = _data.get("whisper", {})
