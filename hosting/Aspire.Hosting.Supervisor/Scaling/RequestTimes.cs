using System.Diagnostics.Metrics;

namespace Aspire.Hosting.Supervisor.Scaling;

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
