// Trimmed copy of a client library.
export const ChatModels = ['gpt-4o', 'gpt-4o-2024-05-13', 'gpt-4', 'gpt-3.5-turbo', 'o1-preview'];
export const AudioModels = ['whisper-1', 'tts-1'];
export default class OpenAI {
  constructor({ baseURL = 'https://api.openai.com/v1', apiKey }) {
    this.chat = { completions: { create: (body) => fetch(`${baseURL}/chat/completions`, { method: 'POST', body: JSON.stringify(body), headers: { authorization: `Bearer ${apiKey}` } }).then((r) => r.json()) } };
  }
}
