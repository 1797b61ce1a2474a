require('dotenv').config({ path: '.env.production' });

module.exports = {
  port: Number(process.env.PORT || 3000),
  openai: {
    baseURL: process.env.OPENAI_BASE_URL || 'https://api.openai.com/v1',
    apiKey: process.env.OPENAI_API_KEY,
    model: process.env.CHAT_MODEL || 'gpt-4o',
    cheapModel: process.env.CHEAP_MODEL ?? 'gpt-4o-mini',
  },
  speech: { model: 'gpt-4o-mini-tts', voice: 'coral' },
};
