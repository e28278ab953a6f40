using System.Diagnostics.Metrics;

namespace Aspire.Hosting.Supervisor.Scaling;

/// <summary>
/// Reads the total request time of each resource, in seconds, from the counter <c>nginx.upstream.request.time</c> of a proxy in the
/// application.
/// </summary>
internal sealed class RequestTimes : IDisposable
{
    private const string CounterName = "nginx.upstream.request.time";
    private const string ResourceTag = "resource";

    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _seconds = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="scope">The application's own meters; a process may run several applications.</param>
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

    /// <summary>Reads the counters. Call it before <see cref="SecondsOf"/>; it is not thread-safe.</summary>
    public void Read()
    {
        _seconds.Clear();
        _listener.RecordObservableInstruments();
    }

    /// <summary>The total time of requests to a resource, or null when no proxy counts it.</summary>
    public double? SecondsOf(string resource) => _seconds.TryGetValue(resource, out var seconds) ? seconds : null;

    public void Dispose() => _listener.Dispose();
}
