using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry.Sampling;
using Microsoft.Extensions.Logging.Abstractions;

namespace FlaskStack.Tests.Nginx.Telemetry;

/// <summary>The share of traces that is kept, at rates a clock of the test makes.</summary>
public sealed class SamplingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sampling-");
    private readonly ManualClock _clock = new();
    private readonly SamplingGate _gate;

    public SamplingTests() => _gate = new(_folder.FullName, NullLogger.Instance);

    [Fact]
    public void Keeps_everything_up_to_the_full_rate()
    {
        var sampling = new SamplingController(new() { FullRate = 200 }, _gate, _clock);

        var kept = Run(sampling, perSecond: 200, seconds: 5);

        Assert.Equal(1000, kept);
        Assert.Equal(SamplingGate.Steps, Files());
    }

    [Fact]
    public void Keeps_a_burst_within_the_full_rate()
    {
        var sampling = new SamplingController(new() { FullRate = 200 }, _gate, _clock);

        for (var request = 0; request < 150; request++)
        {
            sampling.Count(isKept: true);
        }

        _clock.Advance(TimeSpan.FromMilliseconds(100));
        sampling.Tick();

        Assert.Equal(SamplingGate.Steps, _gate.Level);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1_000)]
    [InlineData(20_000)]
    [InlineData(100_000)]
    public void Keeps_of_more_what_the_full_rate_and_the_share_above_allow(int perSecond)
    {
        var settings = new NginxTelemetry { FullRate = 200, ShareAbove = 0.01 };
        var sampling = new SamplingController(settings, _gate, _clock);
        Run(sampling, perSecond, seconds: 2);

        var kept = Run(sampling, perSecond, seconds: 10) / 10.0;

        var wanted = 200 + (0.01 * (perSecond - 200));
        Assert.InRange(kept, wanted * 0.8, wanted * 1.2);
    }

    [Fact]
    public void Closes_at_once_when_a_flood_begins()
    {
        var sampling = new SamplingController(new() { FullRate = 200 }, _gate, _clock);

        var kept = Run(sampling, perSecond: 20_000, seconds: 1);

        Assert.InRange(kept, 200, 1_000);
    }

    [Fact]
    public void Opens_again_when_a_flood_is_over()
    {
        var sampling = new SamplingController(new() { FullRate = 200 }, _gate, _clock);
        Run(sampling, perSecond: 20_000, seconds: 2);
        Assert.True(Files() < 10);

        Run(sampling, perSecond: 0, seconds: 2);

        Assert.Equal(SamplingGate.Steps, Files());
    }

    [Fact]
    public void Keeps_nothing_where_nothing_is_wanted()
    {
        var sampling = new SamplingController(new() { FullRate = 0, ShareAbove = 0 }, _gate, _clock);

        Run(sampling, perSecond: 10, seconds: 1);

        Assert.Equal(0, Files());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private int Files() => _folder.EnumerateFiles().Count();

    /// <summary>Sends requests as nginx would: kept is the one whose first digits have a file.</summary>
    private int Run(SamplingController sampling, int perSecond, int seconds)
    {
        const int StepsPerSecond = 1_000;
        var random = new Random(1);
        var (kept, due) = (0, 0.0);
        for (var step = 0; step < seconds * StepsPerSecond; step++)
        {
            for (due += perSecond / (double)StepsPerSecond; due >= 1; due--)
            {
                var isKept = random.Next(SamplingGate.Steps) < _gate.Level;
                kept += isKept ? 1 : 0;
                sampling.Count(isKept);
            }

            _clock.Advance(TimeSpan.FromMilliseconds(1));
            sampling.Tick();
        }

        return kept;
    }
}
