# -*- coding: gb18030 -*-
# 提示词，由运营同事维护（Windows 记事本保存）
SYSTEM_PROMPT = "你是青禾农服的客服助手，只回答与农资有关的问题。"
# 质检脚本里用的模型
QC_MODEL = "glm-4-air"
