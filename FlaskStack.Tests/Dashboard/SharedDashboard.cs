using System.Net;
using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using FlaskStack.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Dashboard;

/// <summary>The whole stack with the real dashboard.</summary>
public sealed class SharedDashboard : IAsyncLifetime
{
    /// <summary>The first start on a machine fetches the dashboard, which is large.</summary>
    private static readonly TimeSpan FetchDeadline = TimeSpan.FromMinutes(4);

    private readonly string _apiKey = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private RunningGraph? _stack;
    private int _greetings;

    /// <summary>Where a user logs in.</summary>
    public Uri Login { get; private set; } = new("about:blank");

    /// <summary>A client of nginx.</summary>
    public HttpClient Client { get; private set; } = new();

    /// <summary>A client of the dashboard's HTTP API.</summary>
    public HttpClient Api { get; private set; } = new();

    /// <summary>How often the command <c>greet</c> of the api was executed.</summary>
    public int Greetings => Volatile.Read(ref _greetings);

    internal RunningGraph Stack => _stack ?? throw new InvalidOperationException("The stack has not been started.");

    public async Task InitializeAsync()
    {
        using var login = new LoginLine();
        _stack = await RunningGraph.StartAsync(withDashboard: true, builder => Configure(builder, login), $"--AppHost:DashboardApiKey={_apiKey}");
        Client = _stack.CreateClient();
        Login = await login.Address.WaitAsync(FetchDeadline);
        Api = new HttpClient { BaseAddress = new Uri(Login.GetLeftPart(UriPartial.Authority)), DefaultRequestHeaders = { { "x-api-key", _apiKey } } };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        Api.Dispose();
        if (_stack is not null)
        {
            await _stack.DisposeAsync();
        }
    }

    /// <summary>Starts again what an earlier test has ended, and waits until nginx serves with all replicas.</summary>
    internal async Task MendAsync()
    {
        foreach (var name in new[] { "api", "nginx" })
        {
            Assert.True(Stack.Rows.TryGetCurrentState(name, out var row));
            if (row.Snapshot.HealthStatus != HealthStatus.Healthy)
            {
                await Stack.App.ResourceCommands.ExecuteCommandAsync(name, KnownResourceCommands.StartCommand).WaitAsync(RunningGraph.Deadline);
            }

            await Stack.Rows.WaitForResourceHealthyAsync(name).WaitAsync(RunningGraph.Deadline);
        }

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

    private void Configure(IDistributedApplicationTestingBuilder builder, LoginLine login)
    {
        builder.Services.AddSingleton<ILoggerProvider>(login);
        RunningGraph.RestartNothing(builder);
        builder.CreateResourceBuilder<ProjectResource>("api").WithCommand("greet", "Greet", _ =>
        {
            Interlocked.Increment(ref _greetings);
            return Task.FromResult(CommandResults.Success());
        }, new CommandOptions { IconName = "HandWave" });
    }
}
