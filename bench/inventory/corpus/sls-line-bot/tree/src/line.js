const { messagingApi } = require("@line/bot-sdk");
const { toFile } = require("openai");

const client = new messagingApi.MessagingApiClient({ channelAccessToken: process.env.LINE_TOKEN });
const blobs = new messagingApi.MessagingApiBlobClient({ channelAccessToken: process.env.LINE_TOKEN });

module.exports.reply = (replyToken, text) => client.replyMessage({ replyToken, messages: [{ type: "text", text }] });
module.exports.content = async (id) => toFile(await blobs.getMessageContent(id), "voice.m4a");
