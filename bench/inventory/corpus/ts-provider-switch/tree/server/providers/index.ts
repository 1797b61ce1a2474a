import { DeepSeekLLM } from './deepseek';
import { OllamaLLM } from './ollama';
import { OpenAiLLM } from './openai';

export function getProvider() {
  switch (process.env.LLM_PROVIDER ?? 'openai') {
    case 'openai':
      return new OpenAiLLM(process.env.OPEN_MODEL_PREF ?? 'gpt-4o');
    case 'ollama':
      return new OllamaLLM(process.env.OLLAMA_MODEL_PREF ?? 'llama3.1:8b');
    case 'deepseek':
      return new DeepSeekLLM(process.env.DEEPSEEK_MODEL_PREF ?? 'deepseek-chat');
    default:
      throw new Error(`ENV: no LLM_PROVIDER ${process.env.LLM_PROVIDER}`);
  }
}
