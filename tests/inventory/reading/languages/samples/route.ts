import OpenAI from "openai";
import { z } from "zod";
import type { NextRequest } from "next/server";
import { env } from "@/env";
import * as prompts from "../prompts";
const { createOllama } = require("ollama-ai-provider");

// const client = new OpenAI({ apiKey: process.env.OPENAI_API_KEY, model: "gpt-4-turbo" });
/* A remark that says nothing of interest. */
const BASE = "https://open.bigmodel.cn/api";
export const DEFAULT_MODEL = process.env.ZHIPU_MODEL ?? "glm-4-plus";
const MODELS = ["glm-4-plus", "glm-4-flash"] as const;
type Provider = "zhipu" | "moonshot";
enum Embedding {
  Small = "embedding-2",
  Large = "embedding-3",
}

const Body = z.object({
  model: z.string().default("glm-4-air"),
  kind: z.enum(["chat", "image"]),
});
const settings = z.object({ RERANK_MODEL: z.string().min(1).default("bge-reranker-v2-m3") }).parse(process.env);
const { EMBED_MODEL = "embedding-3", EMBED_KEY } = process.env;

const client = new OpenAI({
  apiKey: process.env["ZHIPU_API_KEY"]!,
  baseURL: process.env.ZHIPU_BASE_URL || `${BASE}/paas/v4/`,
});

export class Chat extends Service {
  static readonly fallback = "glm-4-flash";
  private model: string = env.CHAT_MODEL;
  constructor(private readonly temperature = "low", provider?: Provider) {
    super();
    this.provider = provider ?? "zhipu";
  }

  async ask({ prompt, model = DEFAULT_MODEL }: Ask, retries = "2"): Promise<string> {
    try {
      const answer = await client.chat.completions.create({
        model,
        messages: [{ role: "system", content: prompts.SYSTEM }, { role: "user", content: prompt }],
        stream: true,
      });
      return answer.choices[0]!.message.content as string;
    } catch (error) {
      return this.again({ model: Chat.fallback });
    }
  }
}

export async function POST(req: NextRequest) {
  let { model } = await req.json();
  if (!model) {
    model = "glm-4-long";
  }
  if (model === "glm-z1" || model.startsWith("glm-z1-")) {
    return think("zai/" + model);
  } else if (process.env.PROVIDER === "moonshot") {
    model = "moonshot-v1-8k";
  }
  switch (model) {
    case "cogview-3":
      return draw({ model });
    default:
      break;
  }
  if (false) {
    model = "dead-model";
  }
  const res = await fetch("https://api.siliconflow.cn/v1/embeddings", {
    method: "POST",
    body: JSON.stringify({ model: "BAAI/bge-m3", input: model }),
  });
  return res;
  model = "behind-a-return";
}

const pick = (name: string) => (name ? name : "glm-4");
describe("chat", () => {
  it("answers", async () => {
    await client.chat.completions.create({ model: "test-model", messages: [] });
  });
});
export default client;
