import { embedMany } from "ai";
import { embedder } from "./models";

export async function index(notes: string[]) {
  const { embeddings } = await embedMany({ model: embedder, values: notes });
  return embeddings.map((vector, i) => ({ vector, text: notes[i] }));
}
