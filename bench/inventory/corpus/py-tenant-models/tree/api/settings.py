import json
import pathlib

import yaml

LLM = yaml.safe_load(pathlib.Path("conf/service_conf.yaml").read_text())["user_default_llm"]
FACTORIES = json.loads(pathlib.Path("conf/llm_factories.json").read_text())["factory_llm_infos"]
EMBEDDING = LLM["default_models"]["embedding_model"]
