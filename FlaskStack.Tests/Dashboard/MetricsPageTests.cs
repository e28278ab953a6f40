using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace FlaskStack.Tests.Dashboard;

public sealed class MetricsPageTests(SharedDashboard dashboard, ITestOutputHelper output) : DashboardTests(dashboard, output)
{
    [BrowserFact]
    public async Task Has_requests_and_runtime_of_the_api_and_its_own_counters()
    {
        using var data = new StringContent("""{"data":"x"}""", System.Text.Encoding.UTF8, "application/json");
        using (var response = await Dashboard.Client.PostAsync(new Uri("/server", UriKind.Relative), data))
        {
            response.EnsureSuccessStatusCode();
        }

        await ShowsAsync(
            "api",
            "http.server.request.duration",
            "dotnet.gc.collections",
            "flaskstack.server.requests",
            "flaskstack.server.duration");
    }

    [BrowserFact]
    public async Task Has_the_runtime_of_one_replica()
    {
        var replica = (await Dashboard.Stack.GetReplicasAsync())[0];

        await ShowsAsync(replica.ResourceId, "dotnet.gc.collections");
    }

    [BrowserFact]
    public async Task Has_requests_and_connections_of_nginx() =>
        await ShowsAsync("nginx", "http.server.request.duration", "nginx.connections");

    private async Task ShowsAsync(string resource, params string[] instruments)
    {
        await using var page = await OpenAsync();
        await page.GoToAsync($"/metrics/resource/{resource}");
        foreach (var instrument in instruments)
        {
            await Expect(page.Page.GetByText(instrument, new() { Exact = true }).First).ToBeVisibleAsync();
        }
    }
}
