using Harbour.Web.Options;
using Harbour.Web.Services;

var builder = WebApplication.CreateBuilder(args);
builder.Services.Configure<AgentOptions>(builder.Configuration.GetSection("Agent"));
builder.Services.Configure<RetrievalOptions>(builder.Configuration.GetSection("Retrieval"));
builder.Services.AddSingleton<AgentService>();
builder.Services.AddHttpClient<RerankService>();

var app = builder.Build();
app.MapPost("/ask", (string question, AgentService agent) => agent.AskAsync(question));
app.MapPost("/manifest", (string url, AgentService agent) => agent.ReadManifestAsync(new Uri(url)));
app.MapPost("/embed", (string text, AgentService agent) => agent.EmbedAsync(text));
app.Run();
