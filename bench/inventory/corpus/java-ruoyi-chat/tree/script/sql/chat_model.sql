-- status '0' 正常 '1' 停用
CREATE TABLE chat_model (
  id BIGINT NOT NULL PRIMARY KEY,
  category VARCHAR(20),
  model_name VARCHAR(64),
  api_host VARCHAR(128),
  api_key VARCHAR(128),
  status CHAR(1) DEFAULT '0'
);

INSERT INTO chat_model VALUES (1, 'chat', 'deepseek-v3.1', 'https://dashscope.aliyuncs.com/compatible-mode/v1', '', '0');
INSERT INTO chat_model VALUES (2, 'chat', 'ernie-4.5-turbo-128k', 'https://qianfan.baidubce.com/v2', '', '0');
INSERT INTO chat_model VALUES (3, 'chat', 'gpt-4-turbo', 'https://api.openai.com/v1', '', '1');
INSERT INTO chat_model VALUES (4, 'vector', 'BAAI/bge-large-zh-v1.5', 'https://api.siliconflow.cn/v1', '', '0');
