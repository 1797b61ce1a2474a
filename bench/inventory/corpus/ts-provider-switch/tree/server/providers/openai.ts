import OpenAI from 'openai';

export class OpenAiLLM {
  private client = new OpenAI({ apiKey: process.env.OPEN_AI_KEY });
  constructor(private model: string) {}
  ask(messages: OpenAI.ChatCompletionMessageParam[]) {
    return this.client.chat.completions.create({ model: this.model, messages });
  }
}
