using System.ClientModel;
using Harbour.Web.Options;
using Microsoft.Extensions.Options;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;

namespace Harbour.Web.Services;

public class AgentService
{
    private readonly ChatClient _chat;
    private readonly ChatClient _vision;
    private readonly EmbeddingClient _embedding;

    public AgentService(IOptions<AgentOptions> agent, IOptions<RetrievalOptions> retrieval)
    {
        var client = new OpenAIClient(
            new ApiKeyCredential(agent.Value.ApiKey),
            new OpenAIClientOptions { Endpoint = new Uri(agent.Value.Endpoint) });
        _chat = client.GetChatClient(agent.Value.Model);
        _vision = client.GetChatClient(agent.Value.VisionModel);
        _embedding = new EmbeddingClient(
            retrieval.Value.EmbeddingModel,
            new ApiKeyCredential(retrieval.Value.ApiKey),
            new OpenAIClientOptions { Endpoint = new Uri(retrieval.Value.Endpoint) });
    }

    public async Task<string> AskAsync(string question)
    {
        ChatCompletion completion = await _chat.CompleteChatAsync(new UserChatMessage(question));
        return completion.Content[0].Text;
    }

    public async Task<string> ReadManifestAsync(Uri image)
    {
        var message = new UserChatMessage(
            ChatMessageContentPart.CreateTextPart("读出箱号和封号"),
            ChatMessageContentPart.CreateImagePart(image));
        ChatCompletion completion = await _vision.CompleteChatAsync(message);
        return completion.Content[0].Text;
    }

    public async Task<ReadOnlyMemory<float>> EmbedAsync(string text)
    {
        OpenAIEmbedding embedding = await _embedding.GenerateEmbeddingAsync(text);
        return embedding.ToFloats();
    }
}
