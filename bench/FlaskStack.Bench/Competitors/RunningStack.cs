using FlaskStack.Bench.Loads;
using FlaskStack.Bench.Processes;

namespace FlaskStack.Bench.Competitors;

/// <summary>A competitor that runs. Disposing it ends every process of it and removes its folder.</summary>
/// <param name="ground">Where it runs.</param>
internal sealed class RunningStack(Ground ground) : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(5);
    private readonly List<StackProcess> _processes = [];

    /// <summary>Where it runs.</summary>
    public Ground Ground => ground;

    /// <summary>The port it serves.</summary>
    public int Port => ground.Port;

    /// <summary>The process that supervises the rest: the one started first.</summary>
    public StackProcess Supervisor => _processes[0];

    /// <summary>Its console.</summary>
    public string LogFile => ground.At("console.log");

    /// <summary>Starts a process of the stack.</summary>
    public StackProcess Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var process = StackProcess.Start(command, folder ?? ground.Folder, LogFile, environment);
        _processes.Add(process);
        return process;
    }

    /// <summary>Waits until <c>GET /</c> answers 200.</summary>
    /// <exception cref="BenchException">A process ended, or it took more than a minute.</exception>
    public Task WaitUntilServingAsync(CancellationToken cancellationToken) =>
        WaitUntilAsync(
            async token => await RawClient.TryGetAsync(Port, "/", token) is { Status: 200 },
            "answer GET / with 200",
            cancellationToken);

    /// <summary>Waits until something holds.</summary>
    /// <param name="condition">What to wait for.</param>
    /// <param name="what">It in words, for the error: "It did not …".</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitUntilAsync(Func<CancellationToken, Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartPatience);
        try
        {
            while (!await condition(deadline.Token))
            {
                if (_processes.Find(process => process.HasEnded) is not null)
                {
                    throw new BenchException($"A process ended before it did {what}. Its console ends with:\n{LastLines()}");
                }

                // Another program's socket tells nobody when it opens.
                await Task.Delay(BetweenTries, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BenchException($"It did not {what} within {StartPatience.TotalSeconds:0} s. Its console ends with:\n{LastLines()}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            await process.StopAsync(StopPatience);
        }

        Sweep.Run(_processes.Select(process => process.Id).ToHashSet());
        _processes.ForEach(process => process.Dispose());
        Directory.Delete(ground.Folder, recursive: true);
    }

    private string LastLines() =>
        File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(10)) : "(nothing)";
}
