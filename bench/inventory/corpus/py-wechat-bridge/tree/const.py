# 支持的模型
GPT35 = "gpt-3.5-turbo"
GPT_4o = "gpt-4o"
CLAUDE_35_SONNET = "claude-3-5-sonnet-latest"
QWEN_MAX = "qwen-max"
GLM_4_PLUS = "glm-4-plus"
MOONSHOT_32K = "moonshot-v1-32k"

MODEL_LIST = [GPT35, GPT_4o, CLAUDE_35_SONNET, QWEN_MAX, GLM_4_PLUS, MOONSHOT_32K]
