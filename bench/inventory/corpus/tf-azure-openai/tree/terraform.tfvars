resource_group = "aspen-rg"
environment_id = "aspen-env"
chat_model     = "gpt-4o"
