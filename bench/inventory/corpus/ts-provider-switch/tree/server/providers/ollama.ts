export class OllamaLLM {
  private basePath = process.env.OLLAMA_BASE_PATH ?? 'http://127.0.0.1:11434';
  constructor(private model: string) {}
  async ask(messages: unknown[]) {
    const reply = await fetch(`${this.basePath}/api/chat`, {
      method: 'POST',
      body: JSON.stringify({ model: this.model, messages, stream: false }),
    });
    return reply.json();
  }
}
