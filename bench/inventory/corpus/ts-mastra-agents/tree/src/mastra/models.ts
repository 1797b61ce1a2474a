import { createOpenAICompatible } from "@ai-sdk/openai-compatible";

export const bailian = createOpenAICompatible({
  name: "bailian",
  apiKey: process.env.DASHSCOPE_API_KEY,
  baseURL: "https://dashscope.aliyuncs.com/compatible-mode/v1",
});

export const defaultModel = bailian("qwen-plus-latest");
export const embedder = bailian.textEmbeddingModel("text-embedding-v4");
