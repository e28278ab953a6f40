namespace FlaskStack.Tests.Graph;

/// <summary>One running stack for the tests that leave it as it is.</summary>
public sealed class SharedGraph : IAsyncLifetime
{
    private RunningGraph? _stack;

    public HttpClient Client { get; private set; } = new();

    internal RunningGraph Stack => _stack ?? throw new InvalidOperationException("The stack has not been started.");

    public async Task InitializeAsync()
    {
        _stack = await RunningGraph.StartAsync();
        Client.Dispose();
        Client = _stack.CreateClient();
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (_stack is not null)
        {
            await _stack.DisposeAsync();
        }
    }
}
