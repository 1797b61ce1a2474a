#!/usr/bin/env node
"use strict";
const express = require("express");
const { OpenAI: Client, toFile } = require("openai");
const config = require("config");
const { createEnv } = await import("@t3-oss/env-core");

process.env.REGION ||= "cn-beijing";
exports.EMBEDDING = "bge-m3";
const models = new Map([["fast", "qwen-turbo"], ["deep", "qwen-max"]]);
const app = express();

function Bot(model = "qwen-plus", ...rest) {
  this.model = model;
}
Bot.prototype.ask = async function (question) {
  return this.client.chat.completions.create({ ...defaults, model: this.model, "max_tokens": 10 });
};

app.post("/chat", (req, res) => {
  const model = req.body.model || config.get("llm.model");
  const { data: { choice = "glm-4" } } = req.body;
  client.images.generate({ model: models.get("draw"), prompt: `draw ${req.body.prompt}` })
    .then((image) => res.json(image))
    .catch(() => again("wanx-v1"));
});

module.exports = { Bot, MODEL: "qwen-long", models };
