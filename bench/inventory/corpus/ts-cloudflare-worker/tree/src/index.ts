import { Hono } from 'hono';

type Bindings = { AI: Ai; CHAT_MODEL: string; GATEWAY: string; OPENAI_KEY: string; TRANSLATE_MODEL: string };

const app = new Hono<{ Bindings: Bindings }>();

app.post('/chat', async (c) => {
  const { text } = await c.req.json();
  return c.json(await c.env.AI.run(c.env.CHAT_MODEL as keyof AiModels, { prompt: text }));
});

app.post('/embed', async (c) => {
  const { text } = await c.req.json();
  return c.json(await c.env.AI.run('@cf/baai/bge-m3', { text: [text] }));
});

app.post('/translate', async (c) => {
  const { text } = await c.req.json();
  return c.json(await c.env.AI.run(c.env.TRANSLATE_MODEL as keyof AiModels, { text, target_lang: 'fr' }));
});

app.post('/deep', async (c) => {
  const { text } = await c.req.json();
  const reply = await fetch(`${c.env.GATEWAY}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${c.env.OPENAI_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'o4-mini', messages: [{ role: 'user', content: text }] }),
  });
  return c.json(await reply.json());
});

export default app;
