/** Context windows, in tokens. */
export const MODEL_MAP: Record<string, Record<string, number>> = {
  openai: { 'gpt-4o': 128_000, 'gpt-3.5-turbo-1106': 16_385, 'o3-mini': 200_000 },
  anthropic: { 'claude-2.1': 200_000, 'claude-3-opus-20240229': 200_000 },
  deepseek: { 'deepseek-chat': 64_000, 'deepseek-coder': 128_000 },
};
