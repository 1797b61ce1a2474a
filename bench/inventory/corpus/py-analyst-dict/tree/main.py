from analyst.default_config import DEFAULT_CONFIG
from analyst.graph import AnalystGraph

config = DEFAULT_CONFIG.copy()
config["llm_provider"] = "dashscope"
config["backend_url"] = "https://dashscope.aliyuncs.com/compatible-mode/v1"
config["deep_think_llm"] = "qwen3-max"
config["quick_think_llm"] = "qwen-flash"
config["max_debate_rounds"] = 2

graph = AnalystGraph(config=config)
print(graph.propagate("600519", "2025-09-30"))
