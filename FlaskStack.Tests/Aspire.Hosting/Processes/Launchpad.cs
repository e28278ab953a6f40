using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace FlaskStack.Tests.Hosting.Processes;

/// <summary>A launcher with all it needs; ends what the test started.</summary>
internal sealed class Launchpad : IAsyncDisposable
{
    private readonly List<ChildProcess> _children = [];
    private readonly ProcessLauncher _launcher;

    public Launchpad(SchedulingPolicy policy = SchedulingPolicy.Batch)
    {
        Guard = new ProcessGuard(Identity, TimeProvider.System, GuardLog);
        Leftovers = new LeftoverRegistry(Identity, Folder["state"], NullLogger<LeftoverRegistry>.Instance);
        _launcher = new ProcessLauncher(Identity, Guard, Leftovers, new ChildScheduling(policy), TimeProvider.System, NullLogger<ProcessLauncher>.Instance);
    }

    public RunIdentity Identity { get; } = new();

    public TemporaryFolder Folder { get; } = new();

    public RecordingLogger<ProcessGuard> GuardLog { get; } = new();

    public ProcessGuard Guard { get; }

    public LeftoverRegistry Leftovers { get; }

    public RecordingSink Sink { get; } = new();

    public ProcessSpec Shell(string script) => Spec("sh", "-c", script);

    public ProcessSpec Spec(string fileName, params string[] arguments) => new()
    {
        DisplayName = "test",
        FileName = fileName,
        Arguments = arguments,
        WorkingDirectory = Folder.Path,
    };

    public ChildProcess Start(string script) => Start(Shell(script));

    public ChildProcess Start(ProcessSpec spec)
    {
        var child = _launcher.Start(spec, Sink);
        _children.Add(child);
        return child;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var child in _children)
        {
            await child.StopAsync(TimeSpan.Zero);
            await child.OutputEnd.InTime();
        }

        Leftovers.Dispose();
        await Guard.DisposeAsync();
        Folder.Dispose();
    }
}
