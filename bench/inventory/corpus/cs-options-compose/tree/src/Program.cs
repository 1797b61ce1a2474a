using Gull;

var builder = WebApplication.CreateBuilder(args);
builder.Services.Configure<LlmOptions>(builder.Configuration.GetSection(LlmOptions.Section));
builder.Services.AddSingleton<Assistant>();
var app = builder.Build();
app.MapPost("/ask", (Assistant assistant, string text) => assistant.AskAsync(text));
app.MapPost("/hear", (Assistant assistant, string path) => assistant.HearAsync(path));
app.Run();
