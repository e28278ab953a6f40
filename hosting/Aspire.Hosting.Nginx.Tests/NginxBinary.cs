using System.Diagnostics;
using Aspire.Hosting.Nginx.Provisioning;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>The nginx of this machine, or one fetched the way an AppHost fetches it, once for all tests.</summary>
public sealed class NginxBinary : IAsyncLifetime
{
    internal NginxLocation Location { get; private set; } = new("nginx");

    internal Version Version { get; private set; } = new();

    public async Task InitializeAsync()
    {
        var cache = NginxCache.OfUser(Environment.GetEnvironmentVariable);
        Location = new NginxLocator(cache, Environment.GetEnvironmentVariable, NginxLocator.UsualPlaces).Locate(null, "");
        Assert.Null(Location.Error);
        if (Location.MustFetch)
        {
            await new NginxFetcher(cache!, TimeProvider.System).FetchAsync(NullLogger.Instance, CancellationToken.None);
        }

        Version = await NginxVersion.ReadAsync(Location, CancellationToken.None);
    }

    /// <summary>How it is started.</summary>
    public ProcessStartInfo Command(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Location.Path, arguments);
        foreach (var (name, value) in Location.Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    public Task DisposeAsync() => Task.CompletedTask;
}
