<?php

namespace app\service;

use think\facade\Config;

class WriterService
{
    protected array $driver;

    public function __construct()
    {
        $name = Config::get('ai.driver');
        $this->driver = Config::get('ai.' . $name);
    }

    public function write(string $title): string
    {
        $payload = [
            'model' => $this->driver['model'],
            'max_tokens' => Config::get('ai.max_tokens'),
            'messages' => [
                ['role' => 'system', 'content' => '你是果园公众号的编辑。'],
                ['role' => 'user', 'content' => '写一篇文章，标题：' . $title],
            ],
        ];
        $ch = curl_init($this->driver['url']);
        curl_setopt_array($ch, [
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_POST => true,
            CURLOPT_HTTPHEADER => ['Content-Type: application/json', 'Authorization: Bearer ' . $this->driver['password']],
            CURLOPT_POSTFIELDS => json_encode($payload, JSON_UNESCAPED_UNICODE),
        ]);
        $body = json_decode(curl_exec($ch), true);
        curl_close($ch);

        return $body['choices'][0]['message']['content'] ?? '';
    }
}
