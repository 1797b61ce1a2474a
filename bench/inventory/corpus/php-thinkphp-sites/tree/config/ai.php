<?php

use think\facade\Env;

return [
    'driver' => Env::get('ai.driver', 'spark'),

    'spark' => [
        'url' => 'https://spark-api-open.xf-yun.com/v1/chat/completions',
        'password' => Env::get('ai.spark_password', ''),
        'model' => Env::get('ai.spark_model', 'lite'),
    ],

    'wenxin' => [
        'url' => 'https://qianfan.baidubce.com/v2/chat/completions',
        'password' => Env::get('ai.wenxin_key', ''),
        'model' => 'ernie-speed-pro-128k',
    ],

    'max_tokens' => 2048,
];
