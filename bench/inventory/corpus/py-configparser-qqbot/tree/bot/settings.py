import configparser

config = configparser.ConfigParser()
config.read("config.ini", encoding="utf-8")

BACKEND = config.get("bot", "backend", fallback="tongyi")
