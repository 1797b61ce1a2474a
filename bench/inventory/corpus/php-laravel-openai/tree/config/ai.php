<?php

return [
    'default' => env('AI_DRIVER', 'deepseek'),

    'drivers' => [
        'deepseek' => [
            'base_uri' => env('AI_BASE_URI', 'https://api.deepseek.com'),
            'key' => env('AI_KEY'),
            'model' => env('AI_MODEL', 'deepseek-chat'),
        ],
        'openai' => [
            'base_uri' => 'https://api.openai.com/v1',
            'key' => env('OPENAI_KEY'),
            'model' => 'gpt-4o-mini',
        ],
    ],

    'embedding' => env('AI_EMBEDDING', 'text-embedding-3-small'),
];
