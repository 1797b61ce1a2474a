import { createOpenAI } from '@ai-sdk/openai';
import { deepseek } from '@ai-sdk/deepseek';
import { customProvider, extractReasoningMiddleware, wrapLanguageModel } from 'ai';

import { isTest } from '../constants';
import { fakeModel } from './models.test-double';

const siliconflow = createOpenAI({
  baseURL: process.env.SILICONFLOW_BASE_URL ?? 'https://api.siliconflow.cn/v1',
  apiKey: process.env.SILICONFLOW_API_KEY,
});

export const provider = isTest
  ? customProvider({ languageModels: { 'chat-model': fakeModel } })
  : customProvider({
      languageModels: {
        'chat-model': siliconflow('zai-org/GLM-4.5-Air'),
        'title-model': siliconflow('Qwen/Qwen3-8B'),
        'reasoning-model': wrapLanguageModel({
          model: deepseek('deepseek-reasoner'),
          middleware: extractReasoningMiddleware({ tagName: 'think' }),
        }),
      },
      imageModels: {
        'small-image': siliconflow.image('Qwen/Qwen-Image'),
      },
    });
