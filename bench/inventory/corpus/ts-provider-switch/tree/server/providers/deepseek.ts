import OpenAI from 'openai';

export class DeepSeekLLM {
  private client = new OpenAI({ apiKey: process.env.DEEPSEEK_API_KEY, baseURL: 'https://api.deepseek.com/v1' });
  constructor(private model: string) {}
  ask(messages: OpenAI.ChatCompletionMessageParam[]) {
    return this.client.chat.completions.create({ model: this.model, messages });
  }
}
