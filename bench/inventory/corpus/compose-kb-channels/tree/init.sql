CREATE TABLE channels (id INT PRIMARY KEY, type INT, name VARCHAR(32), base_url VARCHAR(255), models TEXT, model_mapping TEXT, status INT);
-- status: 1 启用, 2 手动禁用
INSERT INTO channels VALUES (1, 18, '讯飞', '', 'SparkDesk-v3.5', NULL, 1);
INSERT INTO channels VALUES (2, 16, '智谱', '', 'glm-4', NULL, 1);
INSERT INTO channels VALUES (3, 8, 'm3e', 'http://m3e:6008', 'm3e', NULL, 1);
INSERT INTO channels VALUES (4, 14, 'claude', '', 'claude-3-haiku-20240307', NULL, 2);
