const express = require('express');
const OpenAI = require('openai');
const config = require('./config');

const app = express();
const client = new OpenAI({ baseURL: config.openai.baseURL, apiKey: config.openai.apiKey });
app.use(express.json());

app.post('/chat', async (req, res) => {
  const { message, quick } = req.body;
  const completion = await client.chat.completions.create({
    model: quick ? config.openai.cheapModel : config.openai.model,
    messages: [{ role: 'user', content: message }],
  });
  res.json({ answer: completion.choices[0].message.content });
});

app.post('/say', async (req, res) => {
  const { model, voice } = config.speech;
  const sound = await client.audio.speech.create({ model, voice, input: req.body.text });
  res.send(Buffer.from(await sound.arrayBuffer()));
});

app.listen(config.port);
