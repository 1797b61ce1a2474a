import type { VercelRequest, VercelResponse } from "@vercel/node";
import OpenAI from "openai";

const client = new OpenAI({
  apiKey: process.env.LLM_API_KEY,
  baseURL: process.env.LLM_BASE_URL || "https://api.deepseek.com",
});

// was deepseek-coder until spring
const MODEL = process.env.LLM_MODEL || "deepseek-chat";

export default async function handler(req: VercelRequest, res: VercelResponse) {
  if (req.method !== "POST") {
    return res.status(405).json({ error: "Method Not Allowed" });
  }
  const { text } = req.body as { text?: string };
  if (!text) {
    return res.status(400).json({ error: "缺少 text" });
  }
  const completion = await client.chat.completions.create({
    model: MODEL,
    messages: [
      { role: "system", content: "用三句话概括这篇文章。" },
      { role: "user", content: text },
    ],
  });
  return res.json({ summary: completion.choices[0].message.content });
}
