namespace Gull;

public sealed class LlmOptions
{
    public const string Section = "Llm";

    public string Endpoint { get; set; } = "https://api.openai.com/v1";

    public string Model { get; set; } = "gpt-4o-2024-08-06";

    public string TranscriptionModel { get; set; } = "gpt-4o-transcribe";
}
