using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry.Sampling;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>The share of traces that is kept, at rates a clock of the test makes.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SamplingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sampling-");
    private readonly ManualClock _clock = new();
    private readonly SamplingGate _gate;
    private readonly SamplingGate _told;
    private int _tellings;
    private int _counted;

    public SamplingTests()
    {
        SamplingGate.Prepare(_folder.FullName, "kept", "told");
        _gate = new(_folder.FullName, "kept", NullLogger.Instance);
        _told = new(_folder.FullName, "told", NullLogger.Instance);
    }

    [Fact]
    public void Keeps_everything_up_to_the_full_rate()
    {
        var sampling = new SamplingController(new() { FullRate = 200 }, _gate, _told, _clock);

        var kept = Run(sampling, perSecond: 200, seconds: 5);

        Assert.Equal(1000, kept);
        Assert.Equal(SamplingLevel.Highest, Open());
    }

    [Fact]
    public void Keeps_a_burst_within_the_full_rate()
    {
        var sampling = new SamplingController(new() { FullRate = 200 }, _gate, _told, _clock);

        for (var request = 0; request < 150; request++)
        {
            sampling.Count(weight: 1, isKept: true);
        }

        _clock.Advance(TimeSpan.FromMilliseconds(100));
        sampling.Tick();

        Assert.Equal(SamplingLevel.Highest, _gate.Level);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1_000)]
    [InlineData(20_000)]
    [InlineData(100_000)]
    public void Keeps_of_more_a_share_and_no_fewer_than_a_tenth_of_the_full_rate(int perSecond)
    {
        var settings = new NginxTelemetry { FullRate = 200, ShareAbove = 0.01 };
        var sampling = new SamplingController(settings, _gate, _told, _clock);
        Run(sampling, perSecond, seconds: 2);

        var kept = Run(sampling, perSecond, seconds: 10) / 10.0;

        var wanted = Math.Max(20, 0.01 * perSecond);
        Assert.InRange(kept, wanted * 0.8, wanted * 1.2);
    }

    [Fact]
    public void Closes_at_once_when_a_flood_begins()
    {
        var sampling = new SamplingController(new() { FullRate = 200 }, _gate, _told, _clock);

        var kept = Run(sampling, perSecond: 20_000, seconds: 1);

        Assert.InRange(kept, 200, 800);
    }

    [Fact]
    public void Opens_again_when_a_flood_is_over()
    {
        var sampling = new SamplingController(new() { FullRate = 200 }, _gate, _told, _clock);
        Run(sampling, perSecond: 20_000, seconds: 2);
        Assert.InRange(Open(), 0, 16);

        Run(sampling, perSecond: 0, seconds: 2);

        Assert.Equal(SamplingLevel.Highest, Open());
    }

    [Fact]
    public void Keeps_nothing_where_nothing_is_wanted()
    {
        var sampling = new SamplingController(new() { FullRate = 0, ShareAbove = 0 }, _gate, _told, _clock);

        Run(sampling, perSecond: 10, seconds: 1);

        Assert.Equal(0, Open());
    }

    [Theory]
    [InlineData(1_900, 0.001)]
    [InlineData(5_000, 0.05)]
    [InlineData(20_000, 0.05)]
    [InlineData(100_000, 0.05)]
    public void Counts_some_for_all_where_there_are_too_many(int perSecond, double error)
    {
        var sampling = new SamplingController(new() { CountedRate = 2_000 }, _gate, _told, _clock);
        Run(sampling, perSecond, seconds: 2);
        (_tellings, _counted) = (0, 0);

        Run(sampling, perSecond, seconds: 10);

        Assert.InRange(_counted, perSecond * 10 * (1 - error), perSecond * 10 * (1 + error));
        Assert.InRange(_tellings / 10, 1, 2_000 + (0.02 * perSecond) + 200);
    }

    [Fact]
    public void Tells_every_request_whose_trace_is_to_be_kept()
    {
        var settings = new NginxTelemetry { FullRate = 0, ShareAbove = 0.5, CountedRate = 100 };
        var sampling = new SamplingController(settings, _gate, _told, _clock);
        Run(sampling, perSecond: 5_000, seconds: 2);

        var kept = Run(sampling, perSecond: 5_000, seconds: 4) / 4.0;

        Assert.InRange(kept, 2_300, 2_700);
        Assert.InRange(_told.Level, _gate.Level, SamplingLevel.Highest);
    }

    [Fact]
    public void Counts_each_one_again_when_a_flood_is_over()
    {
        var sampling = new SamplingController(new() { CountedRate = 2_000 }, _gate, _told, _clock);
        Run(sampling, perSecond: 20_000, seconds: 2);
        Assert.InRange(sampling.Weight, 8, 32);

        Run(sampling, perSecond: 100, seconds: 3);

        Assert.Equal((1, SamplingLevel.Highest), (sampling.Weight, _told.Level));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The share that nginx keeps, in steps: one for the lowest file, and twice as many with each one more.</summary>
    private int Open()
    {
        var levels = Directory.GetFiles(Path.Combine(_folder.FullName, "kept")).Select(file => int.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture)).Order().ToArray();
        Assert.Equal(Enumerable.Range(0, levels.Length).Select(power => 1 << power), levels);
        return levels.LastOrDefault();
    }

    /// <summary>Sends requests as nginx would: one draw decides whether a request is told, and whether its trace is kept.</summary>
    private int Run(SamplingController sampling, int perSecond, int seconds)
    {
        const int StepsPerSecond = 1_000;
        var random = new Random(1);
        var (kept, due) = (0, 0.0);
        for (var step = 0; step < seconds * StepsPerSecond; step++)
        {
            for (due += perSecond / (double)StepsPerSecond; due >= 1; due--)
            {
                var draw = random.Next(SamplingLevel.Highest);
                if (draw < _told.Level)
                {
                    var isKept = draw < _gate.Level;
                    kept += isKept ? 1 : 0;
                    _tellings++;
                    _counted += sampling.Weight;
                    sampling.Count(sampling.Weight, isKept);
                }
            }

            _clock.Advance(TimeSpan.FromMilliseconds(1));
            sampling.Tick();
        }

        return kept;
    }
}
