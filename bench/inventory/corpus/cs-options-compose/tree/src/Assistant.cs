using System.ClientModel;
using Microsoft.Extensions.Options;
using OpenAI;
using OpenAI.Audio;
using OpenAI.Chat;

namespace Gull;

public sealed class Assistant(IOptions<LlmOptions> options)
{
    private readonly LlmOptions _options = options.Value;

    public async Task<string> AskAsync(string text)
    {
        var client = new ChatClient(
            model: _options.Model,
            credential: new ApiKeyCredential("none"),
            options: new OpenAIClientOptions { Endpoint = new Uri(_options.Endpoint) });
        ChatCompletion completion = await client.CompleteChatAsync(text);
        return completion.Content[0].Text;
    }

    public async Task<string> HearAsync(string path)
    {
        var client = new AudioClient(_options.TranscriptionModel, Environment.GetEnvironmentVariable("OPENAI_KEY"));
        AudioTranscription transcription = await client.TranscribeAudioAsync(path);
        return transcription.Text;
    }
}
