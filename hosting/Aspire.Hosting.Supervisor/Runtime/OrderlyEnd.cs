using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Processes;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>
/// Ends all supervised processes when the application stops: in order, each with the time that it has, while the console says what is
/// awaited. A second Ctrl+C or SIGTERM ends all of them at once.
/// </summary>
internal sealed class OrderlyEnd : IDisposable
{
    /// <summary>How often the console says what is awaited.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(5);

    /// <summary>One Ctrl+C may come twice, from the terminal and from the CLI.</summary>
    private static readonly TimeSpan SameSignal = TimeSpan.FromMilliseconds(500);

    /// <summary>What the application may take to stop once its processes have been killed.</summary>
    private static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyCollection<SupervisedResource> _resources;
    private readonly SupervisorServices _services;
    private readonly CancellationTokenRegistration _stopping;
    private PosixSignalRegistration[] _signals = [];
    private long _begun;
    private volatile Step? _step;

    public OrderlyEnd(IReadOnlyCollection<SupervisedResource> resources, SupervisorServices services, CancellationToken stopping)
    {
        (_resources, _services) = (resources, services);
        _stopping = stopping.Register(Begin);
    }

    private IEnumerable<IReadOnlyList<SupervisedResource>> Order => _services.Orchestrator.IsGone ? [] : StopOrder.Of(_resources);

    /// <summary>Ends the processes, and returns when they have ended.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var together in Order)
        {
            _step = new(together, _services.Now);
            await Task.WhenAll(together.Select(resource => resource.EndAsync(cancellationToken))).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        Array.ForEach(_signals, signal => signal.Dispose());
    }

    /// <summary>The first signal has been taken by then: these registrations see only those that follow.</summary>
    private void Begin()
    {
        var names = Order.Select(together => string.Join(", ", together.SelectMany(resource => resource.Awaited)));
        string[] steps = [.. names.Where(together => together.Length > 0)];
        if (steps.Length == 0)
        {
            return;
        }

        _begun = _services.Time.GetTimestamp();
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM];
        _signals = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, EndAtOnce))];
        Log.Stopping(_services.Logger, string.Join(", then ", steps));
        _services.Run(nameof(OrderlyEnd), ReportAsync);
    }

    private async Task ReportAsync()
    {
        using var timer = new PeriodicTimer(ReportInterval, _services.Time);
        while (await timer.WaitForNextTickAsync().ConfigureAwait(false) && _resources.Any(resource => resource.Awaited.Any()))
        {
            var awaited = string.Join(", ", Awaited());
            if (awaited.Length > 0)
            {
                Log.Awaited(_services.Logger, awaited);
            }
        }
    }

    /// <summary>Before the first step, what drains in a way of its own is awaited for as long as it gives itself.</summary>
    private IEnumerable<string> Awaited() => _step is { } step
        ? step.Resources.SelectMany(resource => resource.Awaited.Select(name => string.Create(
            CultureInfo.InvariantCulture,
            $"{name} (at most {Math.Max(0, resource.Options.StopWaitSeconds - (_services.Now - step.Since).TotalSeconds):0} s)")))
        : Order.Select(together => together.SelectMany(resource => resource.Awaited)).FirstOrDefault(names => names.Any()) ?? [];

    private void EndAtOnce(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (_services.Time.GetElapsedTime(_begun) < SameSignal)
        {
            return;
        }

        Log.EndingAtOnce(_services.Logger);
        Environment.ExitCode = Signals.FirstExitCode + Signals.NumberOf(signal.Signal.ToString());
        _ = AppHostExit.AfterAsync(ExitLimit, Environment.ExitCode);
        foreach (var resource in _resources)
        {
            resource.Kill();
        }
    }

    /// <summary>Those that stop together, and since when.</summary>
    private sealed record Step(IReadOnlyList<SupervisedResource> Resources, DateTimeOffset Since);
}

/// <summary>In which order supervised resources stop: those that wait for others at the start go before them at the end.</summary>
internal static class StopOrder
{
    /// <summary>Those that stop together, first to last. Resources that wait for each other stop together at the end.</summary>
    public static IEnumerable<IReadOnlyList<SupervisedResource>> Of(IReadOnlyCollection<SupervisedResource> resources)
    {
        var left = resources.ToList();
        while (left.Count > 0)
        {
            SupervisedResource[] free = [.. left.Where(resource => !left.Any(other => other != resource && WaitsFor(other, resource)))];
            var next = free.Length > 0 ? free : [.. left];
            yield return next;
            left.RemoveAll(next.Contains);
        }
    }

    private static bool WaitsFor(SupervisedResource resource, SupervisedResource dependency) =>
        resource.Members.SelectMany(member => member.Annotations.OfType<WaitAnnotation>())
            .Any(wait => wait.Resource == dependency.Resource || dependency.Members.Contains(wait.Resource));
}

/// <summary>Ends the process of an AppHost that does not stop by itself.</summary>
internal static class AppHostExit
{
    private const string AppHostMetadata = "apphostprojectpath";

    /// <summary>Ends the process after a time; one that runs several applications, such as that of tests, goes on.</summary>
    public static async Task AfterAsync(TimeSpan limit, int code)
    {
        await Task.Delay(limit).ConfigureAwait(false);
        var metadata = Assembly.GetEntryAssembly()?.GetCustomAttributes<AssemblyMetadataAttribute>() ?? [];
        if (metadata.Any(attribute => attribute.Key == AppHostMetadata))
        {
            Environment.Exit(code);
        }
    }
}
