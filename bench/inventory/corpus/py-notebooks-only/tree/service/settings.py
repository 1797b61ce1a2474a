class Config:
    ENCODER = "BAAI/bge-base-zh-v1.5"
    JSON_AS_ASCII = False
