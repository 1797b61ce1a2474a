const axios = require("axios");

const URL = "https://dashscope.aliyuncs.com/compatible-mode/v1/embeddings";

exports.embed = async (input) => {
  const { data } = await axios.post(
    URL,
    { model: process.env.EMBEDDING_MODEL, input },
    { headers: { Authorization: `Bearer ${process.env.DASHSCOPE_API_KEY}` } },
  );
  return data.data.map((row) => row.embedding);
};
