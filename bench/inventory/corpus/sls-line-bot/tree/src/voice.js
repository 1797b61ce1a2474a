const Groq = require("groq-sdk");
const { content, reply } = require("./line");

const groq = new Groq();

module.exports.handler = async (event) => {
  const { events } = JSON.parse(event.body);
  for (const message of events) {
    const transcription = await groq.audio.transcriptions.create({
      file: await content(message.message.id),
      model: process.env.TRANSCRIBE_MODEL,
      language: "th",
    });
    await reply(message.replyToken, transcription.text);
  }
  return { statusCode: 200, body: "ok" };
};
