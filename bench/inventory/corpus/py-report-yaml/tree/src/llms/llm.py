import os
from functools import lru_cache
from pathlib import Path

import yaml
from langchain_openai import ChatOpenAI

from src.config.agents import AGENT_LLM_MAP, LLMType


def load_conf() -> dict:
    path = Path(__file__).resolve().parents[2] / "conf.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@lru_cache
def get_llm_by_type(llm_type: LLMType) -> ChatOpenAI:
    conf = load_conf().get(f"{llm_type.upper()}_MODEL")
    if not conf:
        raise ValueError(f"no {llm_type} model in conf.yaml")
    return ChatOpenAI(
        model=conf["model"], base_url=conf["base_url"], api_key=os.path.expandvars(conf["api_key"])
    )


def get_llm(agent: str) -> ChatOpenAI:
    return get_llm_by_type(AGENT_LLM_MAP[agent])
