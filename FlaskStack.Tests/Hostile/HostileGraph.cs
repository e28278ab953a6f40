using System.Globalization;
using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using FlaskStack.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;

namespace FlaskStack.Tests.Hostile;

/// <summary>The running stack that is attacked, with a folder of static files.</summary>
public sealed class HostileGraph : IAsyncLifetime
{
    /// <summary>What no answer may contain: the text of files outside of the served folder, or of its hidden ones.</summary>
    public const string Secret = "a-secret-that-nobody-outside-may-read";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("flaskstack-hostile-");
    private RunningGraph? _stack;

    /// <summary>Where nginx listens.</summary>
    public IPEndPoint Nginx { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Where the replicas listen themselves.</summary>
    public IReadOnlyList<IPEndPoint> Replicas { get; private set; } = [];

    internal RunningGraph Stack => _stack ?? throw new InvalidOperationException("The stack has not been started.");

    public async Task InitializeAsync()
    {
        var assets = CreateFiles();
        _stack = await RunningGraph.StartAsync(
            withDashboard: false,
            builder => builder.CreateResourceBuilder<NginxResource>("nginx").WithStaticFiles("/assets", assets));
        Nginx = EndPointOf(_stack.App.GetEndpoint("nginx"));
        Replicas = [.. (await _stack.GetReplicasAsync()).Select(row => EndPointOf(_stack.App.GetEndpoint(row.Resource.Name, "http")))];
    }

    public async Task DisposeAsync()
    {
        if (_stack is not null)
        {
            await _stack.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>Sends bytes to nginx, and behind them one more request that ends the connection.</summary>
    /// <returns>The answers to the bytes alone.</returns>
    internal async Task<IReadOnlyList<RawResponse>> AttackAsync(string text)
    {
        var last = $"/last-{Guid.NewGuid():N}";
        var responses = await RawHttp.ExchangeAsync(Nginx, $"{text}GET {last} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        return responses is [.., { Status: 404 } own] && own.Body.Contains(last, StringComparison.Ordinal)
            ? [.. responses.SkipLast(1)]
            : responses;
    }

    /// <summary>Sends one request to nginx.</summary>
    /// <param name="start">The request line and headers, each with its line end.</param>
    internal async Task<RawResponse> AskAsync(string start) =>
        Assert.Single(await RawHttp.ExchangeAsync(Nginx, $"{start}Connection: close\r\n\r\n"));

    /// <summary>The number of requests that all replicas have received.</summary>
    internal async Task<int> CountServedAsync()
    {
        var counts = await Task.WhenAll(Replicas.Select(replica =>
            RawHttp.ExchangeAsync(replica, "GET /alive/requests HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")));
        return counts.Sum(responses => int.Parse(responses.Single().Body, CultureInfo.InvariantCulture));
    }

    /// <summary>The console lines of a resource so far.</summary>
    internal async Task<IReadOnlyList<string>> GetConsoleAsync(string resource)
    {
        var row = Stack.App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(r => r.Name == resource);
        var lines = new List<string>();
        await foreach (var batch in Stack.App.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(row))
        {
            lines.AddRange(batch.Select(line => line.Content));
        }

        return lines;
    }

    private static IPEndPoint EndPointOf(Uri address) => new(IPAddress.Loopback, address.Port);

    /// <summary>The served folder, beside one that is not. nginx's workers, which may run as another user, can read all of it.</summary>
    private string CreateFiles()
    {
        if (!OperatingSystem.IsWindows())
        {
            _folder.UnixFileMode |= UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        }

        var assets = _folder.CreateSubdirectory("assets");
        var outside = _folder.CreateSubdirectory("outside");
        File.WriteAllText(Path.Join(outside.FullName, "secret.txt"), Secret);
        File.WriteAllText(Path.Join(_folder.FullName, "secret.txt"), Secret);
        File.WriteAllText(Path.Join(assets.FullName, "app.js"), "served");
        File.WriteAllText(Path.Join(assets.FullName, ".env"), Secret);
        File.WriteAllText(Path.Join(assets.CreateSubdirectory(".git").FullName, "config"), Secret);
        File.WriteAllText(Path.Join(assets.CreateSubdirectory(".well-known").FullName, "security.txt"), "served");
        File.CreateSymbolicLink(Path.Join(assets.FullName, "link.txt"), Path.Join(outside.FullName, "secret.txt"));
        Directory.CreateSymbolicLink(Path.Join(assets.FullName, "link"), outside.FullName);
        return assets.FullName;
    }
}

/// <summary>The tests that attack <see cref="HostileGraph"/>, one after another: some count what it served.</summary>
[CollectionDefinition(Name)]
public sealed class HostileGraphGroup : ICollectionFixture<HostileGraph>
{
    public const string Name = "Graph, hostile";

    /// <summary>The trait of these tests: <c>dotnet test --filter Category=Hostile</c>.</summary>
    public const string Category = "Hostile";
}
