using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Processes;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>
/// Ends all supervised processes when the application stops: in order, each within its time limit, while the console reports which ones
/// still run. A second Ctrl+C or SIGTERM kills all of them at once.
/// </summary>
internal sealed class OrderlyShutdown : IDisposable
{
    /// <summary>The interval of the reports in the console.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(5);

    /// <summary>Signals within this time count as one: the terminal and the CLI may both send a Ctrl+C.</summary>
    private static readonly TimeSpan SameSignal = TimeSpan.FromMilliseconds(500);

    /// <summary>The time that the application has to stop once its processes have been killed.</summary>
    private static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyCollection<SupervisedResource> _resources;
    private readonly SupervisorServices _services;
    private readonly CancellationTokenRegistration _stopping;
    private PosixSignalRegistration[] _signals = [];
    private long _stoppingSince;
    private volatile Step? _step;

    public OrderlyShutdown(IReadOnlyCollection<SupervisedResource> resources, SupervisorServices services, CancellationToken stopping)
    {
        (_resources, _services) = (resources, services);
        _stopping = stopping.Register(OnStopping);
    }

    private IEnumerable<IReadOnlyList<SupervisedResource>> Order => _services.Orchestrator.IsGone ? [] : StopOrder.Of(_resources);

    /// <summary>The names of what still runs, in the order in which it stops.</summary>
    private IEnumerable<string[]> Running => Order
        .Select(together => together.SelectMany(resource => resource.Awaited).ToArray())
        .Where(names => names.Length > 0);

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

    /// <remarks>The first signal has been handled by then: these registrations see only those that follow.</remarks>
    private void OnStopping()
    {
        string[] steps = [.. Running.Select(names => string.Join(", ", names))];
        if (steps.Length == 0)
        {
            return;
        }

        _stoppingSince = _services.Time.GetTimestamp();
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM];
        _signals = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, OnSecondSignal))];
        Log.Stopping(_services.Logger, string.Join(", then ", steps));
        _services.Run(nameof(OrderlyShutdown), ReportAsync);
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

    /// <summary>The names of what is awaited now. Before the first step it is a resource that drains in its own way and time.</summary>
    private IEnumerable<string> Awaited() => _step is { } step
        ? step.Resources.SelectMany(resource => resource.Awaited.Select(name => string.Create(
            CultureInfo.InvariantCulture,
            $"{name} (at most {Math.Max(0, resource.Options.StopWaitSeconds - (_services.Now - step.Since).TotalSeconds):0} s)")))
        : Running.FirstOrDefault() ?? [];

    private void OnSecondSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (_services.Time.GetElapsedTime(_stoppingSince) < SameSignal)
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

    /// <summary>The resources that stop together, and since when.</summary>
    private sealed record Step(IReadOnlyList<SupervisedResource> Resources, DateTimeOffset Since);
}

/// <summary>The order in which supervised resources stop: the reverse of the order in which they wait at the start.</summary>
internal static class StopOrder
{
    /// <summary>The resources that stop together, first to last. Resources in a circle of waits stop together at the end.</summary>
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

    /// <summary>Ends the process after a time. A process that only hosts an AppHost, such as that of tests, is left alone.</summary>
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
