const HOST = 'openrouter.ai';
const DEFAULTS = { model: 'mistralai/mistral-nemo', temperature: 0.2 };

export async function complete(prompt, options = {}) {
  const reply = await fetch(`https://${HOST}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${process.env.OPENROUTER_KEY}` },
    body: JSON.stringify({ ...DEFAULTS, ...options, messages: [{ role: 'user', content: prompt }] }),
  });
  return (await reply.json()).choices[0].message.content;
}
