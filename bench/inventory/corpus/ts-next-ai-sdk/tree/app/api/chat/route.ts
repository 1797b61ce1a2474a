import { streamText, generateText, experimental_generateImage as generateImage } from 'ai';

import { DEFAULT_CHAT_MODEL } from '@/lib/ai/models';
import { provider } from '@/lib/ai/providers';

export async function POST(request: Request) {
  const { messages, model = DEFAULT_CHAT_MODEL } = await request.json();
  const { text: title } = await generateText({ model: provider.languageModel('title-model'), prompt: messages[0].content });
  if (title.startsWith('画')) {
    await generateImage({ model: provider.imageModel('small-image'), prompt: title });
  }
  const result = streamText({ model: provider.languageModel(model), messages });
  return result.toDataStreamResponse();
}
