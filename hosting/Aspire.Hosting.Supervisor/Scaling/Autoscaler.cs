using System.Diagnostics.Metrics;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Processes;
using Aspire.Hosting.Supervisor.Runtime;

namespace Aspire.Hosting.Supervisor.Scaling;

/// <summary>Measures the load of a group and has it scaled.</summary>
internal sealed class Autoscaler(SupervisedResource group, AutoscalingMachine machine, RequestTimes requests, SupervisorServices services)
{
    private ScalingState _state = new();
    private Dictionary<SupervisedProcess, TimeSpan> _times = [];
    private TimeSpan _processorTime;

    /// <summary>Looks at the group, unless it is reloaded or scaled just now.</summary>
    /// <param name="processorTime">The processor time that a process, with what it started, has taken.</param>
    public void Look(Func<SupervisedProcess, TimeSpan?> processorTime)
    {
        if (group.IsChanging || group.Shown is not { } shown)
        {
            return;
        }

        var processorSeconds = Measure(processorTime);
        var sample = new LoadSample(services.Now, shown.Wanted, shown.Healthy, requests.SecondsOf(group.Resource.Name), processorSeconds);
        (_state, var step) = machine.Apply(_state, sample);
        if (step is not null)
        {
            // Whoever has scaled it since then is right.
            services.Run(group.Resource.Name, () => group.ScaleAsync(count => count == step.From ? step.To : count, step.Load));
        }
    }

    /// <summary>
    /// Only what a process takes while it serves is load: one that starts is busy with itself, and what ends takes its time with it.
    /// </summary>
    private double? Measure(Func<SupervisedProcess, TimeSpan?> processorTime)
    {
        var times = new Dictionary<SupervisedProcess, TimeSpan>();
        foreach (var process in group.Serving)
        {
            if (processorTime(process) is { } time)
            {
                times[process] = time;
                _processorTime += _times.TryGetValue(process, out var before) && time > before ? time - before : TimeSpan.Zero;
            }
        }

        _times = times;
        return times.Count == 0 ? null : _processorTime.TotalSeconds;
    }
}

/// <summary>
/// How long requests took, as a proxy in the application says in a counter <c>nginx.upstream.request.time</c>: in seconds, all requests to
/// a resource together.
/// </summary>
internal sealed class RequestTimes : IDisposable
{
    private const string CounterName = "nginx.upstream.request.time";
    private const string ResourceTag = "resource";

    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _seconds = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="scope">The meters of the application, of which a process may run several.</param>
    public RequestTimes(IMeterFactory scope)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == CounterName && instrument.Meter.Scope == scope)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: ResourceTag, Value: string resource })
                {
                    _seconds[resource] = _seconds.GetValueOrDefault(resource) + seconds;
                }
            }
        });
        _listener.Start();
    }

    /// <summary>Asks all proxies. To be called before <see cref="SecondsOf"/>, and not by two at once.</summary>
    public void Read()
    {
        _seconds.Clear();
        _listener.RecordObservableInstruments();
    }

    /// <summary>The time that requests to a resource took, or null where no proxy says.</summary>
    public double? SecondsOf(string resource) => _seconds.TryGetValue(resource, out var seconds) ? seconds : null;

    public void Dispose() => _listener.Dispose();
}

/// <summary>Says that a group follows its load, and how.</summary>
internal sealed class AutoscalingAnnotation : IResourceAnnotation
{
    public AutoscalingOptions Options { get; set; } = new();
}
