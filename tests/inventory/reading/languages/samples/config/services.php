<?php

return [
    'qwen' => [
        'model' => env('QWEN_MODEL', 'qwen-plus'),
        'embedding' => 'text-embedding-v2',
    ],
    'timeout' => 30,
];
