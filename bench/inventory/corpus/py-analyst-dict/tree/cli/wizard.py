import questionary

from analyst.default_config import DEFAULT_CONFIG
from analyst.graph import AnalystGraph
from cli.choices import QUICK_MODELS


def run() -> None:
    provider = questionary.select("Provider", choices=list(QUICK_MODELS)).ask()
    model = questionary.select(
        "Quick model", choices=[questionary.Choice(label, value=value) for label, value in QUICK_MODELS[provider]]
    ).ask()
    config = {**DEFAULT_CONFIG, "llm_provider": provider, "quick_think_llm": model}
    print(AnalystGraph(config).propagate(questionary.text("Company").ask(), "2025-09-30"))
