import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import axios from 'axios';

@Injectable()
export class LlmService {
  constructor(private readonly config: ConfigService) {}

  async chat(content: string): Promise<string> {
    return this.post(this.config.get<string>('llm.model'), content);
  }

  async summary(content: string): Promise<string> {
    return this.post(this.config.get<string>('llm.summaryModel', 'glm-4-flash'), content);
  }

  async rerank(query: string, documents: string[]) {
    const { data } = await axios.post(
      `${this.config.get('llm.baseUrl')}/rerank`,
      { model: this.config.get<string>('RERANK_MODEL'), query, documents },
      { headers: { Authorization: `Bearer ${this.config.get('llm.apiKey')}` } },
    );
    return data.results;
  }

  private async post(model: string, content: string): Promise<string> {
    const { data } = await axios.post(
      `${this.config.get('llm.baseUrl')}/chat/completions`,
      { model, messages: [{ role: 'user', content }] },
      { headers: { Authorization: `Bearer ${this.config.get('llm.apiKey')}` } },
    );
    return data.choices[0].message.content;
  }
}
