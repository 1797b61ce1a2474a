// pnpm tsx evals/judge.ts
import { createOpenAI } from "@ai-sdk/openai";
import { generateText } from "ai";
import cases from "./cases.json";

const openai = createOpenAI();

for (const { plan } of cases) {
  const { text } = await generateText({ model: openai("gpt-4.1"), prompt: `Score this plan from 1 to 5:\n${plan}` });
  console.log(text);
}
