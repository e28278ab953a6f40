using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace FlaskStack.Tests.HostingTesting;

/// <summary>A service of an AppHost that notes what is done to it.</summary>
internal sealed class RecordingService : IHostedService, IDisposable
{
    private readonly ConcurrentQueue<string> _calls = [];
    private readonly TaskCompletionSource _startEntered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IEnumerable<string> Calls => _calls;

    public Task StartEntered => _startEntered.Task;

    public Func<CancellationToken, Task> OnStart { get; init; } = _ => Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _calls.Enqueue("start");
        _startEntered.TrySetResult();
        await OnStart(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _calls.Enqueue("stop");
        return Task.CompletedTask;
    }

    public void Dispose() => _calls.Enqueue("dispose");
}
