using Aspire.Hosting.Supervisor.Processes;
using Aspire.Hosting.Supervisor.Scaling;

namespace Aspire.Hosting.Supervisor.Runtime;

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
