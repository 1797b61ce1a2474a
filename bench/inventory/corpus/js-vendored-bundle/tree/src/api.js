export async function ask(text, deep = false) {
  const reply = await fetch('/api/ask', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text, deep }),
  });
  return reply.json();
}
