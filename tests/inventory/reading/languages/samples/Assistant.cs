using System;
using Microsoft.SemanticKernel;
using Ai = Azure.AI.OpenAI;
using static Shop.Ai.Models;

namespace Shop.Ai;

public class LlmOptions
{
    public const string SectionName = "Llm";

    public string Model { get; set; } = "qwen-plus";
    public string? Endpoint { get; init; }
    [JsonPropertyName("rerank_model")]
    public string Rerank { get; set; } = "gte-rerank";
}

[ApiController]
public class AssistantController : ControllerBase, IAssistant
{
    private const string Fallback = "qwen-turbo", Version = "v1";
    // private const string Fallback = "qwen-long";
    private readonly IConfiguration _configuration;
    private readonly IOptions<LlmOptions> _options;
    private string _model = "deepseek-chat";
    private static readonly Dictionary<string, string> Hosts = new() { ["qwen"] = "dashscope.aliyuncs.com" };
    private static readonly string[] Allowed = { "qwen-plus", "qwen-max" };

    public AssistantController(IConfiguration configuration, IOptions<LlmOptions> options, string tier = "free")
    {
        _configuration = configuration;
        _options = options;
        _model = configuration["Llm:ChatModel"] ?? "deepseek-reasoner";
    }

    public string Vision => Environment.GetEnvironmentVariable("VISION_MODEL") ?? "qwen-vl-max";

    [HttpPost]
    public async Task<string> Ask(string question, string? model = null)
    {
        model ??= "qwen-max";
        var kernel = Kernel.CreateBuilder()
            .AddOpenAIChatCompletion(modelId: model, endpoint: new Uri("https://dashscope.aliyuncs.com/compatible-mode/v1"), apiKey: _configuration["Llm:Key"])
            .Build();
        var embedding = _configuration.GetValue<string>("Llm:Embedding", "text-embedding-v3");
        var section = _configuration.GetSection("Speech");
        var speech = _configuration.GetSection("Speech")["Model"];
        Ai.ChatOptions options = new("gpt-4o-deployment") { Temperature = 0, Model = $"{Version}/chat" };
        services.AddQwen(o => { o.Model = "qwen3-32b"; o.Url = _options.Value.Endpoint; });
        var body = new { model = "glm-4", messages = new[] { new { role = "user", content = question } } };
        try
        {
            return await client.CompleteAsync(new ChatRequest { Model = _model, Input = question });
        }
        catch (HttpRequestException e) when (e.StatusCode is null)
        {
            return await Retry(Fallback);
        }
    }

    private string Pick(string kind)
    {
        if (kind == "gpt-4" || kind.StartsWith("gpt-"))
            return "a";
        else if (kind is "o1" or "o3")
            return "b";
        return kind switch { "draw" => "wanx-v1", "speak" => "cosyvoice-v1", _ => _options.Value.Model };
    }

#if false
    string dead = "dead-model";
#else
    string live = "live-model";
#endif

    [Fact]
    public void Answers() => new ChatRequest { Model = "test-model" };
}

public enum Tier { [EnumMember(Value = "qwen-turbo")] Fast, Deep }

public record Endpoint(string Url, string Model = "qwen-audio");
