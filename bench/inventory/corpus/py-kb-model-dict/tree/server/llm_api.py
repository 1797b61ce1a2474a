"""Starts the FastChat worker of the chosen model."""
import subprocess
import sys

from configs.model_config import LLM_MODEL, llm_model_dict

if __name__ == "__main__":
    path = llm_model_dict[LLM_MODEL]["local_model_path"]
    subprocess.run(
        [sys.executable, "-m", "fastchat.serve.model_worker", "--model-path", path, "--model-names", LLM_MODEL],
        check=True,
    )
