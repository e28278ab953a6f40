using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Supervisor.Scaling;

/// <summary>Decides over the size of a group: a pure function from its state and a measurement to its next state and a step.</summary>
/// <param name="options">The policy.</param>
/// <param name="min">How many replicas there are at least.</param>
/// <param name="max">How many there are at most.</param>
internal sealed class AutoscalingMachine(AutoscalingOptions options, int min, int max)
{
    /// <summary>Which part of the target is too little to act upon, as in Kubernetes' autoscaler.</summary>
    private const double Tolerance = 0.1;

    /// <summary>A sum that is a target exactly must not need one replica more because of how it was rounded.</summary>
    private const double Rounding = 1e-9;

    /// <summary>Takes in a measurement.</summary>
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

    /// <summary>The first look, or somebody else has changed the number: that holds for a while.</summary>
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

        // With another number of replicas all is measured anew.
        return target == sample.Replicas || sample.At < next.HeldUntil
            ? (next, null)
            : (next with { Replicas = target, Samples = [] }, new ScalingStep(sample.Replicas, target, load.ToString()));
    }

    /// <summary>
    /// What is not known is no reason to go down, and neither are replicas that do not serve: a step down might stop those that do.
    /// </summary>
    private int Need(Load load, LoadSample sample)
    {
        var need = Math.Max(
            Need(load.Requests, options.RequestsPerReplica, sample.Replicas),
            Need(load.Processors, options.ProcessorsPerReplica, sample.Replicas));
        var isKnown = need > 0 && sample.Serving >= sample.Replicas;
        return Math.Clamp(isKnown ? need : Math.Max(need, sample.Replicas), min, max);
    }

    /// <returns>0 where there is no measurement or no target.</returns>
    private int Need(double? load, double? target, int replicas) => load / target is not { } needed ? 0
        : Math.Abs((needed / replicas) - 1) <= Tolerance ? replicas
        : (int)Math.Clamp(Math.Ceiling(needed - Rounding), 1, max);
}

/// <summary>A look at a group.</summary>
/// <param name="At">When it was looked at.</param>
/// <param name="Replicas">How many replicas are meant to serve, those that are down included.</param>
/// <param name="Serving">How many do.</param>
/// <param name="RequestSeconds">The time that all requests together took, since whenever; null where nobody says.</param>
/// <param name="ProcessorSeconds">The processor time that its processes together took, since whenever; null where nothing serves.</param>
internal sealed record LoadSample(DateTimeOffset At, int Replicas, int Serving, double? RequestSeconds, double? ProcessorSeconds);

/// <summary>All that is known of the size of a group.</summary>
internal sealed record ScalingState
{
    /// <summary>How many replicas there are to be; null before the first look.</summary>
    public int? Replicas { get; init; }

    /// <summary>The looks since the last step, back to the first of the window.</summary>
    public ImmutableArray<LoadSample> Samples { get; init; } = [];

    /// <summary>
    /// How many replicas the load needed within the time that a step down takes: the largest number first, and none that a later one
    /// reaches again.
    /// </summary>
    public ImmutableArray<(DateTimeOffset At, int Replicas)> Needs { get; init; } = [];

    /// <summary>Until when somebody else's step holds.</summary>
    public DateTimeOffset? HeldUntil { get; init; }
}

/// <summary>A change of the size of a group.</summary>
/// <param name="From">How many replicas there were.</param>
/// <param name="To">How many there are to be.</param>
/// <param name="Load">The load it is made at, for people.</param>
internal sealed record ScalingStep(int From, int To, string Load);

/// <summary>The load of a group, on average over a time.</summary>
/// <param name="Requests">The requests in flight, or null where nobody says.</param>
/// <param name="Processors">The processors that its processes keep busy, or null where nothing serves.</param>
internal readonly record struct Load(double? Requests, double? Processors)
{
    /// <summary>By Little's law, what requests in flight add to their time in a second is their number.</summary>
    public static Load Between(LoadSample first, LoadSample last)
    {
        // A counter that is smaller than before has begun anew.
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
