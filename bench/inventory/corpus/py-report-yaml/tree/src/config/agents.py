from typing import Literal

LLMType = Literal["basic", "reasoning", "code"]

AGENT_LLM_MAP: dict[str, LLMType] = {
    "coordinator": "basic",
    "planner": "reasoning",
    "researcher": "basic",
    "reporter": "basic",
}
