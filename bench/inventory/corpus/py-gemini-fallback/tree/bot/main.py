from telegram.ext import ApplicationBuilder, MessageHandler, filters

from bot.gemini import ask, draw


async def answer(update, context):
    text = update.message.text
    if text.startswith("/draw"):
        await update.message.reply_photo(draw(text[5:]))
    else:
        await update.message.reply_text(ask(text))


app = ApplicationBuilder().token("placeholder").build()
app.add_handler(MessageHandler(filters.TEXT, answer))
app.run_polling()
