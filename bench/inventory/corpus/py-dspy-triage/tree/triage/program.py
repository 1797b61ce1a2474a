import dspy

STUDENT = "openai/qwen2.5-7b-instruct"
API_BASE = "https://dashscope.aliyuncs.com/compatible-mode/v1"


class Triage(dspy.Signature):
    """Which desk should answer this letter?"""

    letter: str = dspy.InputField()
    desk: str = dspy.OutputField()


def configure() -> None:
    dspy.configure(lm=dspy.LM(STUDENT, api_base=API_BASE, api_key="DASHSCOPE_API_KEY", max_tokens=200))


def program() -> dspy.Module:
    module = dspy.ChainOfThought(Triage)
    module.load("triage/compiled.json")
    return module
