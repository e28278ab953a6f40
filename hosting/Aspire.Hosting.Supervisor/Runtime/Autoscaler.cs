using Aspire.Hosting.Supervisor.Processes;
using Aspire.Hosting.Supervisor.Scaling;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Measures the load of a group, and scales the group.</summary>
internal sealed class Autoscaler(SupervisedResource group, AutoscalingMachine machine, RequestTimes requests, SupervisorServices services)
{
    private ScalingState _state = new();
    private Dictionary<SupervisedProcess, TimeSpan> _times = [];
    private TimeSpan _processorTime;

    /// <summary>Measures the load once, unless the group is being reloaded or scaled.</summary>
    /// <param name="processorTime">Returns the processor time of a process and its descendants.</param>
    public void Check(Func<SupervisedProcess, TimeSpan?> processorTime)
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
            // A change made since then wins.
            services.Run(group.Resource.Name, () => group.ScaleAsync(count => count == step.From ? step.To : count, step.Load));
        }
    }

    /// <summary>
    /// The processor time of the serving processes. The time a process takes to start is not load, and the time of one that has ended is
    /// no longer counted.
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
