using System.Net.Http.Json;
using Harbour.Web.Options;
using Microsoft.Extensions.Options;

namespace Harbour.Web.Services;

public class RerankService(HttpClient http, IOptions<RetrievalOptions> options)
{
    public async Task<string> RerankAsync(string query, IReadOnlyList<string> documents)
    {
        if (!options.Value.RerankEnabled)
        {
            return string.Join('\n', documents);
        }
        var response = await http.PostAsJsonAsync(
            $"{options.Value.Endpoint}/rerank",
            new { model = options.Value.RerankModel, query, documents, top_n = 3 });
        return await response.Content.ReadAsStringAsync();
    }
}
