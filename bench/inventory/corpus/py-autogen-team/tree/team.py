import autogen

planner_config = autogen.config_list_from_json(
    "OAI_CONFIG_LIST.json", filter_dict={"model": ["deepseek-chat"]}
)
spark_config = autogen.config_list_from_json("OAI_CONFIG_LIST.json", filter_dict={"tags": ["spark"]})

planner = autogen.AssistantAgent(
    "planner",
    system_message="You plan the work of a printing house.",
    llm_config={"config_list": planner_config, "cache_seed": 42, "temperature": 0},
)
writer = autogen.AssistantAgent(
    "writer",
    system_message="You write quotes for customers.",
    llm_config={"config_list": spark_config, "cache_seed": 42},
)
critic = autogen.AssistantAgent(
    "critic",
    llm_config={
        "config_list": [{"model": "qwen-max", "api_type": "openai", "base_url": "https://dashscope.aliyuncs.com/compatible-mode/v1"}],
    },
)
user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


def quote(request: str) -> str:
    chat = autogen.GroupChat(agents=[user, planner, writer, critic], messages=[], max_round=8)
    manager = autogen.GroupChatManager(groupchat=chat, llm_config={"config_list": planner_config})
    return user.initiate_chat(manager, message=request).summary
