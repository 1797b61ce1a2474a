<?php

namespace App\Services;

use Illuminate\Support\Facades\Http;

class Assistant
{
    public function ask(string $text): string
    {
        $driver = config('ai.drivers.' . config('ai.default'));

        return Http::withToken($driver['key'])
            ->post($driver['base_uri'] . '/chat/completions', [
                'model' => $driver['model'],
                'messages' => [['role' => 'user', 'content' => $text]],
            ])
            ->json('choices.0.message.content');
    }

    public function embed(string $text): array
    {
        return \OpenAI::client(config('ai.drivers.openai.key'))->embeddings()->create([
            'model' => config('ai.embedding'),
            'input' => $text,
        ])->embeddings[0]->embedding;
    }
}
