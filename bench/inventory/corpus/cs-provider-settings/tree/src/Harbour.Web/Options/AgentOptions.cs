namespace Harbour.Web.Options;

public class AgentOptions
{
    public string Endpoint { get; set; } = "https://api.openai.com/v1";
    public string ApiKey { get; set; } = "";
    public string Model { get; set; } = "gpt-4o";
    public string VisionModel { get; set; } = "";
}

public class RetrievalOptions
{
    public bool Enabled { get; set; }
    public string Endpoint { get; set; } = "";
    public string ApiKey { get; set; } = "";
    public string EmbeddingModel { get; set; } = "";
    public bool RerankEnabled { get; set; }
    public string RerankModel { get; set; } = "";
}
