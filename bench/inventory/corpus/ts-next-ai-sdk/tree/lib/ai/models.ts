export const DEFAULT_CHAT_MODEL = 'chat-model';

export interface ChatModel {
  id: string;
  name: string;
}

export const chatModels: ChatModel[] = [
  { id: 'chat-model', name: '日常对话' },
  { id: 'reasoning-model', name: '深度思考' },
];
