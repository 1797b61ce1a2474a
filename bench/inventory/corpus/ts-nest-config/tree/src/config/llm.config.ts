import { registerAs } from '@nestjs/config';

export default registerAs('llm', () => ({
  baseUrl: process.env.LLM_BASE_URL || 'https://open.bigmodel.cn/api/paas/v4',
  apiKey: process.env.LLM_API_KEY,
  model: process.env.LLM_MODEL || 'glm-4-air',
  summaryModel: 'glm-4-flashx',
}));
