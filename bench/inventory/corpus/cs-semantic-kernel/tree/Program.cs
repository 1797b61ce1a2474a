using Microsoft.SemanticKernel;

var builder = WebApplication.CreateBuilder(args);
var azure = builder.Configuration.GetSection("AzureOpenAI");

builder.Services.AddKernel()
    .AddAzureOpenAIChatCompletion(
        deploymentName: azure["ChatDeployment"]!,
        endpoint: azure["Endpoint"]!,
        apiKey: builder.Configuration["AzureOpenAI:Key"]!)
    .AddAzureOpenAITextEmbeddingGeneration(
        deploymentName: azure["EmbeddingDeployment"]!,
        endpoint: azure["Endpoint"]!,
        apiKey: builder.Configuration["AzureOpenAI:Key"]!);

if (builder.Configuration.GetValue<bool>("Features:Pictures"))
{
    builder.Services.AddOpenAITextToImage(
        apiKey: builder.Configuration["OpenAI:Key"]!,
        modelId: builder.Configuration["OpenAI:ImageModel"]);
}

var app = builder.Build();
app.MapPost("/ask", async (Kernel kernel, string q) => (await kernel.InvokePromptAsync(q)).ToString());
app.Run();
