import { MemoryVectorStore } from 'langchain/vectorstores/memory';

import { chat, embeddings, translator } from './models.js';

export async function ask(question: string, format: string) {
  const store = await MemoryVectorStore.fromTexts(['a', 'b'], [{}, {}], embeddings);
  const context = await store.similaritySearch(question, 2);
  const answer = await chat().invoke(`${context}\n${question}`);
  return format === 'json' ? JSON.stringify(answer) : translator().invoke(String(answer.content));
}
