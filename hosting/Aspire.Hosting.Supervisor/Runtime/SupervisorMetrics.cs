using System.Diagnostics.Metrics;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Counts restarts, in the meter <c>Aspire.Hosting.Supervisor</c>.</summary>
internal sealed class SupervisorMetrics : IDisposable
{
    public const string MeterName = "Aspire.Hosting.Supervisor";
    public const string RestartsName = "flaskstack.supervisor.restarts";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _restarts;

    public SupervisorMetrics() => _restarts = _meter.CreateCounter<long>(RestartsName, "{restart}", "Processes that the supervisor restarted or replaced.");

    public void Restarted(string resource, string reason) => _restarts.Add(1, new("resource", resource), new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _meter.Dispose();
}
