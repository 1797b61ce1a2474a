from pathlib import Path

import yaml

CONFIG = yaml.safe_load(Path("config.yaml").read_text(encoding="utf-8"))
