import os

from litellm import Router

MODEL_LIST = [
    {
        "model_name": "fast",
        "litellm_params": {
            "model": "openai/ernie-4.5-turbo-32k",
            "api_base": "https://qianfan.baidubce.com/v2",
            "api_key": os.getenv("QIANFAN_KEY"),
        },
    },
    {
        "model_name": "fast",
        "litellm_params": {
            "model": "openai/hunyuan-turbos-latest",
            "api_base": "https://api.hunyuan.cloud.tencent.com/v1",
            "api_key": os.getenv("HUNYUAN_KEY"),
        },
    },
    {
        "model_name": "safe",
        "litellm_params": {"model": "azure/gpt4o-eastus", "api_base": "https://linden-bank.openai.azure.com"},
    },
    {
        "model_name": "long",
        "litellm_params": {"model": "moonshot/moonshot-v1-128k"},
    },
]

router = Router(
    model_list=MODEL_LIST,
    fallbacks=[{"fast": ["safe"]}],
    context_window_fallbacks=[{"fast": ["long"]}],
    num_retries=2,
)
