using System.Net.Http.Json;
using Aspire.Hosting.Testing;
using Xunit;

namespace FlaskStack.Tests;

public sealed class StackTests
{
    [Fact]
    public async Task Nginx_passes_requests_to_the_api()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await using var builder = await DistributedApplicationTestingBuilder
            .CreateAsync<Projects.GeneratedClassName_AppHost>(["--Nginx:Port=0"], deadline.Token);
        await using var app = await builder.BuildAsync(deadline.Token);
        await app.StartAsync(deadline.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("nginx", deadline.Token);

        using var client = app.CreateHttpClient("nginx");
        Assert.Equal("Hello World!", await client.GetStringAsync("/", deadline.Token));

        using var answer = await client.PostAsJsonAsync("/server", new { data = "x" }, deadline.Token);
        Assert.Equal("\"x\"", await answer.Content.ReadAsStringAsync(deadline.Token));
    }
}
