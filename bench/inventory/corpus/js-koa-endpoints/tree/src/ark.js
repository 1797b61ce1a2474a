const axios = require("axios");

const ark = axios.create({
  baseURL: "https://ark.cn-beijing.volces.com/api/v3",
  headers: { Authorization: `Bearer ${process.env.ARK_API_KEY}` },
  timeout: 60000,
});

exports.chat = async (messages) => {
  const { data } = await ark.post("/chat/completions", {
    model: process.env.ARK_ENDPOINT_ID,
    messages,
  });
  return data.choices[0].message.content;
};

exports.picture = async (prompt) => {
  const { data } = await ark.post("/images/generations", {
    model: "doubao-seedream-3-0-t2i-250415",
    prompt,
    size: "1024x1024",
  });
  return data.data[0].url;
};
