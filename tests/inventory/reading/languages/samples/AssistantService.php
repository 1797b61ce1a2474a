<?php

namespace App\Services;

use GuzzleHttp\Client as Http;
use OpenAI\Laravel\Facades\{OpenAI, Other};
use App\Contracts\Answering;

const DEFAULT_MODEL = 'qwen-plus';
define('RERANK', 'gte-rerank');

// const DEFAULT_MODEL = 'qwen-turbo';

enum Tier: string
{
    case Fast = 'qwen-turbo';
    case Deep = "qwen-max";
}

final class AssistantService extends Service implements Answering
{
    public const FALLBACK = 'qwen-long';
    private string $vision = 'qwen-vl-max';
    protected ?LlmSettings $settings;

    public function __construct(private readonly string $model = 'deepseek-chat', string $host = "api.deepseek.com")
    {
        $this->client = OpenAI::factory()->withBaseUri("https://{$host}/v1")->withApiKey(env('DEEPSEEK_API_KEY'))->make();
        $this->embedding = config('services.qwen.embedding', 'text-embedding-v3');
    }

    public function ask(string $question, ?string $model = null): string
    {
        $model ??= self::FALLBACK;
        $speech = getenv('SPEECH_MODEL') ?: 'cosyvoice-v1';
        $key = $_ENV['QWEN_KEY'] ?? 'none';
        if (empty($question)) {
            $question = 'hello';
        }
        try {
            $answer = $this->client->chat()->create([
                'model' => $model,
                'messages' => [['role' => 'user', 'content' => $question]],
            ]);
            return $answer->choices[0]->message->content;
        } catch (ErrorException | Timeout $e) {
            return $this->again(model: 'qwen-turbo');
        }
    }

    public function pick(string $kind): string
    {
        if ($kind === 'gpt-4') {
            return 'a';
        } elseif (str_starts_with($kind, 'gpt-')) {
            return 'zai-org/' . $kind;
        }
        $payload['model'] = 'ernie-4.0-8k';
        Http::post('https://qianfan.baidubce.com/v2/chat', $payload);
        return match ($kind) {
            'draw', 'paint' => 'wanx-v1',
            default => Tier::Deep->value,
        };
    }
}

class AssistantServiceTest extends TestCase
{
    public function test_answers(): void
    {
        (new AssistantService(model: 'test-model'))->ask('x');
    }
}
