from pydantic import BaseModel


class Config(BaseModel):
    zhipu_api_key: str = ""
    zhipu_chat_model: str = "glm-4-flash"
    zhipu_image_model: str = "cogview-3-flash"
    chat_cooldown: int = 10
    chat_group_whitelist: list[int] = []
