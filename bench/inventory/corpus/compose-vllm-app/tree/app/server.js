import express from "express";
import OpenAI from "openai";

const app = express();
app.use(express.json());

const llm = new OpenAI({ baseURL: process.env.LLM_URL, apiKey: "none" });

async function rerank(query, texts) {
  const response = await fetch(process.env.RERANK_URL, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, texts }),
  });
  return (await response.json()).slice(0, 3).map((hit) => texts[hit.index]);
}

app.post("/write", async (req, res) => {
  const passages = await rerank(req.body.query, req.body.passages);
  const completion = await llm.chat.completions.create({
    model: process.env.LLM_MODEL,
    messages: [{ role: "user", content: `${passages.join("\n")}\n\n${req.body.query}` }],
  });
  res.json({ text: completion.choices[0].message.content });
});

app.listen(8080);
