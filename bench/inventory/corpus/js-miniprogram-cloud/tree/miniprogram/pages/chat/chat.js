Page({
  data: { messages: [], model: '暖心版' },

  async onSend(event) {
    const result = await wx.cloud.callFunction({ name: 'chat', data: { text: event.detail.value } });
    this.setData({ messages: [...this.data.messages, result.result.answer] });
  },

  async onTitle() {
    const model = wx.cloud.extend.AI.createModel('deepseek');
    const result = await model.generateText({ model: 'deepseek-r1', messages: [{ role: 'user', content: '起个标题' }] });
    this.setData({ title: result.choices[0].message.content });
  },
});
