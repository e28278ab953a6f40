using System.Diagnostics.Metrics;

namespace FlaskStack.Api.Telemetry;

/// <summary>The service's own instruments, in the meter <c>FlaskStack.Api</c>.</summary>
internal sealed class ApiMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "FlaskStack.Api";

    private readonly Counter<long> _requests;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _duration;

    /// <summary>Creates the instruments.</summary>
    public ApiMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("flaskstack.server.requests", "{request}", "Requests to POST /server.");
        _failures = meter.CreateCounter<long>("flaskstack.server.failures", "{failure}", "Calls of ServerApi that threw.");
        _duration = meter.CreateHistogram<double>("flaskstack.server.duration", "s", "Time ServerApi took.");
    }

    /// <summary>Counts a request.</summary>
    public void Received() => _requests.Add(1);

    /// <summary>Records a call that returned.</summary>
    public void Worked(TimeSpan duration) => _duration.Record(duration.TotalSeconds);

    /// <summary>Records a call that threw.</summary>
    public void Failed(TimeSpan duration, Exception exception)
    {
        var type = new KeyValuePair<string, object?>("error.type", exception.GetType().FullName);
        _duration.Record(duration.TotalSeconds, type);
        _failures.Add(1, type);
    }
}
