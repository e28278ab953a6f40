using System.Net;
using System.Security.Cryptography;
using Aspire.Hosting;
using FlaskStack.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;

namespace FlaskStack.Tests.Dashboard;

/// <summary>The whole stack with the real dashboard.</summary>
public sealed class SharedDashboard : IAsyncLifetime
{
    private readonly string _apiKey = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly string _fixed = Path.Join(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly DashboardLog _log = new();
    private RunningGraph? _stack;

    /// <summary>Where a user logs in.</summary>
    public Uri Login { get; private set; } = new("about:blank");

    /// <summary>A client of nginx.</summary>
    public HttpClient Client { get; private set; } = new();

    /// <summary>A client of the dashboard's HTTP API.</summary>
    public HttpClient Api { get; private set; } = new();

    internal RunningGraph Stack => _stack ?? throw new InvalidOperationException("The stack has not been started.");

    public async Task InitializeAsync()
    {
        _stack = await RunningGraph.StartAsync(
            withDashboard: true,
            builder =>
            {
                builder.Services.AddSingleton(_log.CreateProvider());
                builder.AddExecutable("failing", "sh", ".", "-c", $"test -e {_fixed} && exec sleep 1000")
                    .WithExplicitStart()
                    .WithSupervisor(s => s with { StartRetries = 0 });
            },
            $"--AppHost:DashboardApiKey={_apiKey}");
        Client = _stack.CreateClient();
        Login = await _log.Login.WaitAsync(RunningGraph.Deadline);
        Api = new HttpClient
        {
            BaseAddress = new Uri(Login.GetLeftPart(UriPartial.Authority)),
            DefaultRequestHeaders = { { "x-api-key", _apiKey } },
        };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        Api.Dispose();
        if (_stack is not null)
        {
            await _stack.DisposeAsync();
        }

        File.Delete(_fixed);
    }

    /// <summary>The warnings and errors of the dashboard since the last call.</summary>
    internal IEnumerable<string> TakeProblems() => _log.TakeProblems();

    /// <summary>Lets the process start that fails.</summary>
    internal Task FixAsync() => File.WriteAllTextAsync(_fixed, "");

    /// <summary>Waits until nginx serves with all replicas: an earlier test may have restarted them.</summary>
    internal async Task WaitUntilServingAsync()
    {
        await Stack.WaitForAllReplicasAsync();
        await Stack.Rows.WaitForResourceHealthyAsync("nginx").WaitAsync(RunningGraph.Deadline);
        await RunningGraph.AskUntilAsync(Client, "/", response => response.StatusCode == HttpStatusCode.OK);
    }

    /// <summary>Asks the dashboard until it answers as wanted: nothing tells when it has taken up what it was sent.</summary>
    internal async Task<string> AskAsync(string path, Func<string, bool> wanted)
    {
        using var deadline = new CancellationTokenSource(RunningGraph.Deadline);
        while (true)
        {
            using var response = await Api.GetAsync(new Uri(path, UriKind.Relative), deadline.Token);
            var text = await response.Content.ReadAsStringAsync(deadline.Token);
            if (response.StatusCode == HttpStatusCode.OK && wanted(text))
            {
                return text;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), deadline.Token);
        }
    }
}
