using System.Net;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class RequestCounterTests
{
    [Fact]
    public void Asks_a_replica_at_its_own_port()
    {
        var row = new CustomResourceSnapshot
        {
            ResourceType = "Project",
            Properties = [],
            EnvironmentVariables = [new("ASPNETCORE_URLS", "http://unix:/run/api.sock;http://localhost:12345", IsFromSpec: true)],
            Urls = [new UrlSnapshot("http", "http://localhost:1", IsInternal: false)],
        };

        Assert.Equal(new Uri("http://localhost:12345"), RequestCounter.AddressOf(row));
        Assert.Equal(new Uri("http://localhost:1"), RequestCounter.AddressOf(row with { EnvironmentVariables = [] }));
    }

    [Theory]
    [InlineData("many")]
    [InlineData("-1")]
    [InlineData("")]
    public async Task Takes_nothing_for_a_count_that_is_no_number(string answer)
    {
        await using var server = await ServeAsync(answer);
        using var counter = new RequestCounter(SupervisedApplication.Deadline);

        await Assert.ThrowsAsync<FormatException>(() =>
            counter.CountAsync(new Uri(server.Urls.Single()), "/count", CancellationToken.None));
    }

    [Fact]
    public async Task Reads_a_count_with_a_line_end()
    {
        await using var server = await ServeAsync("100\n");
        using var counter = new RequestCounter(SupervisedApplication.Deadline);

        Assert.Equal(100, await counter.CountAsync(new Uri(server.Urls.Single()), "/count", CancellationToken.None));
    }

    private static async Task<WebApplication> ServeAsync(string answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        server.MapGet("/count", () => Results.Text(answer));
        await server.StartAsync();
        return server;
    }
}
