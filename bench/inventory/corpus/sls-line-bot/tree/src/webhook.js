const OpenAI = require("openai");
const { reply } = require("./line");

const openai = new OpenAI();

module.exports.handler = async (event) => {
  const { events } = JSON.parse(event.body);
  for (const message of events.filter((e) => e.type === "message")) {
    const response = await openai.responses.create({
      model: process.env.CHAT_MODEL ?? "gpt-4o-mini",
      instructions: "You help guests of a small hotel.",
      input: message.message.text,
    });
    await reply(message.replyToken, response.output_text);
  }
  return { statusCode: 200, body: "ok" };
};
