from bridge import create_bot
from config import load_config

if __name__ == "__main__":
    load_config()
    bot = create_bot()
    while True:
        print(bot.reply([{"role": "user", "content": input()}]))
