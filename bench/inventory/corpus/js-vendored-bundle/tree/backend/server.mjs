import { createServer } from 'node:http';
import OpenAI from '../third_party/openai-node/index.js';

const client = new OpenAI({ baseURL: 'https://maas-api.ai-yuanjing.com/openapi/compatible-mode/v1', apiKey: process.env.KEY });

createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  const { text, deep } = JSON.parse(body);
  const reply = await client.chat.completions.create({
    model: deep ? 'deepseek-r1' : 'yuanjing-70b-chat',
    messages: [{ role: 'user', content: text }],
  });
  response.end(JSON.stringify({ answer: reply.choices[0].message.content }));
}).listen(8787);
