const cloud = require('wx-server-sdk');
const tencentcloud = require('tencentcloud-sdk-nodejs-hunyuan');

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV });

const client = new tencentcloud.hunyuan.v20230901.Client({
  credential: { secretId: process.env.SECRET_ID, secretKey: process.env.SECRET_KEY },
  region: '',
  profile: { httpProfile: { endpoint: 'hunyuan.tencentcloudapi.com' } },
});

exports.main = async (event) => {
  const reply = await client.ChatCompletions({
    Model: 'hunyuan-turbo',
    Messages: [{ Role: 'user', Content: event.text }],
    Stream: false,
  });
  return { answer: reply.Choices[0].Message.Content };
};
