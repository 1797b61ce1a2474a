import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { ChatAlibabaTongyi } from '@langchain/community/chat_models/alibaba_tongyi';
import { ChatBaiduQianfan } from '@langchain/baidu-qianfan';

export function chat() {
  const first = new ChatOpenAI({
    model: 'step-2-16k',
    temperature: 0,
    configuration: { baseURL: 'https://api.stepfun.com/v1' },
  });
  const second = new ChatAlibabaTongyi({ model: 'qwen-turbo-latest', alibabaApiKey: process.env.ALIBABA_API_KEY });
  return first.withFallbacks({ fallbacks: [second] });
}

export function translator() {
  return new ChatBaiduQianfan({ modelName: 'ERNIE-Lite-8K', qianfanAccessKey: process.env.QF_AK });
}

export const embeddings = new OpenAIEmbeddings({
  modelName: 'text-embedding-3-large',
  dimensions: 1024,
});
