using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Orchestration;

/// <summary>How long a whole shutdown may take before what still runs is ended by force.</summary>
/// <remarks>Configuration key <c>AppHost:ShutdownSeconds</c>; default 4.5 s, range 0.5–3600 s.</remarks>
internal sealed class ShutdownBudget
{
    public const string Key = "AppHost:ShutdownSeconds";

    private const double DefaultSeconds = 4.5;
    private const double LeastSeconds = 0.5;
    private const double MostSeconds = 3600;

    /// <summary>What the host needs beyond the budget, for its other services.</summary>
    private static readonly TimeSpan HostMargin = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;

    /// <exception cref="DistributedApplicationException">The configured value is not a number in range.</exception>
    public ShutdownBudget(IConfiguration configuration, TimeProvider time)
    {
        _time = time;
        Total = TimeSpan.FromSeconds(Read(configuration[Key]));
    }

    public TimeSpan Total { get; }

    /// <summary>How long the host has to wait so that it does not cut the budget short.</summary>
    public TimeSpan AtLeast(TimeSpan hostTimeout) => hostTimeout > Total + HostMargin ? hostTimeout : Total + HostMargin;

    public Countdown Begin() => new(_time, _time.GetUtcNow() + Total);

    private static double Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return DefaultSeconds;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= LeastSeconds and <= MostSeconds
            ? seconds
            : throw new DistributedApplicationException($"{Key} is '{text}'; it must be a number of seconds from {LeastSeconds} to {MostSeconds}.");
    }

    /// <summary>The time that is left.</summary>
    internal sealed class Countdown(TimeProvider time, DateTimeOffset end)
    {
        /// <summary>
        /// What the next of the remaining layers may use: twice as much as any that follows, since the first to stop are
        /// those with clients waiting.
        /// </summary>
        public TimeSpan Share(int remainingLayers)
        {
            var left = end - time.GetUtcNow();
            return left > TimeSpan.Zero ? left * 2 / (remainingLayers + 1) : TimeSpan.Zero;
        }
    }
}
