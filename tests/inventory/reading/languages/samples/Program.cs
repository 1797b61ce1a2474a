var builder = WebApplication.CreateBuilder(args);
builder.Services.Configure<SpeechOptions>(builder.Configuration.GetSection("Speech"));
var vision = builder.Configuration.GetSection("Vision").Get<VisionOptions>();
app.MapPost("/chat", async (Request r) => { return await Chat(r, model: "ernie-4.0-8k"); });
