using Aspire.Hosting.Testing;

namespace FlaskStack.Tests.Graph;

/// <summary>One running stack for the tests that leave it as it is.</summary>
public sealed class SharedGraph : IAsyncLifetime
{
    private RunningGraph? _stack;

    /// <summary>Connects anew for each request.</summary>
    public HttpClient Client { get; private set; } = new();

    /// <summary>Keeps its connections, as a browser does.</summary>
    public HttpClient KeptClient { get; private set; } = new();

    internal RunningGraph Stack => _stack ?? throw new InvalidOperationException("The stack has not been started.");

    public async Task InitializeAsync()
    {
        _stack = await RunningGraph.StartAsync();
        Client = _stack.CreateClient();
        KeptClient = _stack.App.CreateHttpClient("nginx");
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        KeptClient.Dispose();
        if (_stack is not null)
        {
            await _stack.DisposeAsync();
        }
    }
}
