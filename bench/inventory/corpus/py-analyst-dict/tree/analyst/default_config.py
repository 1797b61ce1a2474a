import os

DEFAULT_CONFIG = {
    "results_dir": os.getenv("ANALYST_RESULTS_DIR", "./results"),
    "llm_provider": "openai",
    "deep_think_llm": "o4-mini",
    "quick_think_llm": "gpt-4o-mini",
    "embedding_model": "text-embedding-v4",
    "backend_url": "https://api.openai.com/v1",
    "max_debate_rounds": 1,
    "online_tools": True,
}
