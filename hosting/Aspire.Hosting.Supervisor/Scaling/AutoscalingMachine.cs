using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Supervisor.Scaling;

/// <summary>Decides the size of a group: a pure function from its state and a measurement to its next state and a step.</summary>
/// <param name="options">The policy.</param>
/// <param name="min">The smallest number of replicas.</param>
/// <param name="max">The largest number of replicas.</param>
internal sealed class AutoscalingMachine(AutoscalingOptions options, int min, int max)
{
    /// <summary>The deviation from the target that changes nothing, as in Kubernetes' autoscaler.</summary>
    private const double Tolerance = 0.1;

    /// <summary>The rounding error that must not cost a replica when the load is exactly on target.</summary>
    private const double Rounding = 1e-9;

    /// <summary>Applies a measurement.</summary>
    public (ScalingState State, ScalingStep? Step) Apply(ScalingState state, LoadSample sample)
    {
        if (sample.Replicas == 0)
        {
            return (new ScalingState(), null);
        }

        var known = state.Replicas == sample.Replicas ? state : Resized(state, sample);
        var first = known.Samples.LastOrDefault(earlier => sample.At - earlier.At >= options.Window);
        var next = known with { Samples = [.. known.Samples.Where(earlier => first is null || earlier.At >= first.At), sample] };
        return first is null ? (next, null) : Decide(next, Load.Between(first, sample));
    }

    /// <summary>The state after the first measurement, or after a manual change, which is left alone for a while.</summary>
    private ScalingState Resized(ScalingState state, LoadSample sample) => new()
    {
        Replicas = sample.Replicas,
        Needs = [(sample.At, sample.Replicas)],
        HeldUntil = state.Replicas is null ? null : sample.At + options.ScaleDownAfter,
    };

    private (ScalingState State, ScalingStep? Step) Decide(ScalingState state, Load load)
    {
        var sample = state.Samples[^1];
        var need = Need(load, sample);
        var recent = state.Needs.Where(earlier => earlier.Replicas > need && sample.At - earlier.At < options.ScaleDownAfter);
        var next = state with { Needs = [.. recent, (sample.At, need)] };
        var target = need > sample.Replicas ? need : Math.Min(sample.Replicas, next.Needs[0].Replicas);

        // With another number of replicas the measurement starts over.
        return target == sample.Replicas || sample.At < next.HeldUntil
            ? (next, null)
            : (next with { Replicas = target, Samples = [] }, new ScalingStep(sample.Replicas, target, load.ToString()));
    }

    /// <summary>
    /// The replicas that the load needs. An unknown load is no reason to scale down, and neither are replicas that do not serve: a step
    /// down might stop those that do.
    /// </summary>
    private int Need(Load load, LoadSample sample)
    {
        var need = Math.Max(
            Need(load.Requests, options.RequestsPerReplica, sample.Replicas),
            Need(load.Processors, options.ProcessorsPerReplica, sample.Replicas));
        var isKnown = need > 0 && sample.Serving >= sample.Replicas;
        return Math.Clamp(isKnown ? need : Math.Max(need, sample.Replicas), min, max);
    }

    /// <returns>The replicas needed, or 0 without a measurement or a target.</returns>
    private int Need(double? load, double? target, int replicas) => load / target is not { } needed ? 0
        : Math.Abs((needed / replicas) - 1) <= Tolerance ? replicas
        : (int)Math.Clamp(Math.Ceiling(needed - Rounding), 1, max);
}

/// <summary>A measurement of a group.</summary>
/// <param name="At">When it was taken.</param>
/// <param name="Replicas">The replicas that are meant to serve, those that are down included.</param>
/// <param name="Serving">The replicas that serve.</param>
/// <param name="RequestSeconds">The total time of all requests so far; null when no proxy counts it.</param>
/// <param name="ProcessorSeconds">The total processor time of its processes so far; null when none serves.</param>
internal sealed record LoadSample(DateTimeOffset At, int Replicas, int Serving, double? RequestSeconds, double? ProcessorSeconds);

/// <summary>The state of a group's autoscaling.</summary>
internal sealed record ScalingState
{
    /// <summary>The wanted number of replicas; null before the first measurement.</summary>
    public int? Replicas { get; init; }

    /// <summary>The measurements since the last step, back to the first of the window.</summary>
    public ImmutableArray<LoadSample> Samples { get; init; } = [];

    /// <summary>
    /// How many replicas the load has needed within <see cref="AutoscalingOptions.ScaleDownAfter"/>: the largest number first, without
    /// those that a later number reaches again.
    /// </summary>
    public ImmutableArray<(DateTimeOffset At, int Replicas)> Needs { get; init; } = [];

    /// <summary>Until when a manual change is left alone, or null.</summary>
    public DateTimeOffset? HeldUntil { get; init; }
}

/// <summary>A change of the size of a group.</summary>
/// <param name="From">The number of replicas before.</param>
/// <param name="To">The number of replicas after.</param>
/// <param name="Load">The load that needs it, to be logged.</param>
internal sealed record ScalingStep(int From, int To, string Load);

/// <summary>The average load of a group.</summary>
/// <param name="Requests">The requests in flight, or null when no proxy counts them.</param>
/// <param name="Processors">The busy processors, in cores, or null when no process serves.</param>
internal readonly record struct Load(double? Requests, double? Processors)
{
    /// <summary>The load between two measurements.</summary>
    /// <remarks>Little's law: the request time that accrues per second is the number of requests in flight.</remarks>
    public static Load Between(LoadSample first, LoadSample last)
    {
        // A counter that is smaller than before has restarted.
        double? Rate(double? before, double? now) => now >= before ? (now - before) / (last.At - first.At).TotalSeconds : null;

        return new(Rate(first.RequestSeconds, last.RequestSeconds), Rate(first.ProcessorSeconds, last.ProcessorSeconds));
    }

    public override string ToString() => (Requests, Processors) switch
    {
        (null, null) => "an unknown load",
        ({ } requests, null) => string.Create(CultureInfo.InvariantCulture, $"{requests:0.0} requests in flight"),
        (null, { } processors) => string.Create(CultureInfo.InvariantCulture, $"{processors:0.00} processors busy"),
        ({ } requests, { } processors) =>
            string.Create(CultureInfo.InvariantCulture, $"{requests:0.0} requests in flight, {processors:0.00} processors busy"),
    };
}
