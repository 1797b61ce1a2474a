import { MockLanguageModelV1 } from 'ai/test';

export const fakeModel = new MockLanguageModelV1({
  modelId: 'mock-model-1',
  doGenerate: async () => ({ text: 'ok', finishReason: 'stop', usage: { promptTokens: 1, completionTokens: 1 }, rawCall: { rawPrompt: null, rawSettings: {} } }),
});
