-- status: 0 开启, 1 关闭
CREATE TABLE ai_model (id BIGINT PRIMARY KEY, name VARCHAR(64), model VARCHAR(64), platform VARCHAR(32), status TINYINT);
INSERT INTO ai_model VALUES (1, '深度求索', 'deepseek-reasoner', 'DeepSeek', 0);
INSERT INTO ai_model VALUES (2, '文心一言', 'ERNIE-Speed-128K', 'YiYan', 1);
