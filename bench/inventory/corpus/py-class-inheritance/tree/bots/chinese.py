import os

from bots.base_bot import VERSION, Bot


class BaichuanBot(Bot):
    """百川智能"""

    url = "https://api.baichuan-ai.com/v1/chat/completions"
    model = f"Baichuan{VERSION}-Turbo"
    key = os.getenv("BAICHUAN_KEY", "")


class StepBot(Bot):
    """阶跃星辰"""

    url = "https://api.stepfun.com/v1/chat/completions"
    key = os.getenv("STEP_KEY", "")

    def __init__(self, size: str = "8k"):
        self.model = "step-1-" + size


class MiniMaxBot(Bot):
    url = "https://api.minimax.chat/v1/text/chatcompletion_v2"
    model = "abab6.5s-chat"
    key = os.getenv("MINIMAX_KEY", "")
