using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Scaling;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class AutoscalingMachineTests
{
    private static readonly AutoscalingOptions Options = new();

    [Theory]
    [InlineData(11)]
    [InlineData(2026)]
    public void Follows_the_load_of_a_day_without_flapping(int seed)
    {
        var (noise, spikeAt, spikeFor) = (new Random(seed), TimeSpan.FromHours(16.5), TimeSpan.FromSeconds(40));
        var group = new SimulatedGroup(min: 1, max: 6, replicas: 1);
        var sizes = new List<(TimeSpan At, int Replicas)>();
        while (group.Now < TimeSpan.FromHours(24))
        {
            var isSpike = group.Now >= spikeAt && group.Now < spikeAt + spikeFor;
            var requests = isSpike ? 58 : RequestsAt(group.Now.TotalHours) * (0.85 + (0.3 * noise.NextDouble()));
            group.Run(TimeSpan.FromSeconds(3), requests, processors: requests / 20);
            sizes.Add((group.Now, group.Replicas));
        }

        IEnumerable<int> Between(double from, double to) =>
            sizes.Where(size => size.At.TotalHours > from && size.At.TotalHours < to).Select(size => size.Replicas);
        Assert.All(sizes, size => Assert.InRange(size.Replicas, 1, 6));
        Assert.All(Between(1, 6), replicas => Assert.Equal(1, replicas));
        Assert.All(Between(12.1, 13.4), replicas => Assert.Equal(6, replicas));
        Assert.All(Between(16.52, 16.59), replicas => Assert.Equal(6, replicas));
        Assert.All(Between(23, 24), replicas => Assert.Equal(1, replicas));
        Assert.InRange(group.Steps.Count, 10, 30);
        foreach (var (before, step) in group.Steps.Zip(group.Steps.Skip(1)))
        {
            var isTurn = before.Step.To > before.Step.From && step.Step.To < step.Step.From;
            Assert.True(step.At - before.At >= (isTurn ? Options.ScaleDownAfter : Options.Window), $"{before} {step}");
        }

        var afterSpike = group.Steps.SkipWhile(step => step.At < spikeAt).First(step => step.Step.To < step.Step.From);
        Assert.InRange(afterSpike.At, spikeAt + Options.ScaleDownAfter, spikeAt + spikeFor + Options.ScaleDownAfter + Options.Window);
    }

    [Fact]
    public void Goes_up_as_soon_as_a_window_is_full_and_as_far_as_the_load_needs()
    {
        var group = new SimulatedGroup(min: 1, max: 6, replicas: 1);

        group.Run(TimeSpan.FromMinutes(1), requests: 35);

        var (at, step) = Assert.Single(group.Steps);
        Assert.Equal((Options.Window, 1, 4), (at, step.From, step.To));
        Assert.Equal("35.0 requests in flight", step.Load);
    }

    [Fact]
    public void Goes_down_when_the_load_has_needed_fewer_for_long_enough()
    {
        var group = new SimulatedGroup(min: 2, max: 6, replicas: 6);
        group.Run(TimeSpan.FromMinutes(30), requests: 60);

        group.Run(Options.ScaleDownAfter, requests: 25);
        Assert.Empty(group.Steps);
        group.Run(Options.Window * 4, requests: 25);

        Assert.Equal(3, group.Replicas);
        Assert.All(group.Steps, step => Assert.True(step.Step.To < step.Step.From));
        group.Run(TimeSpan.FromHours(1), requests: 0);
        Assert.Equal(2, group.Replicas);
    }

    [Fact]
    public void Takes_the_larger_of_what_requests_and_processors_need()
    {
        var group = new SimulatedGroup(min: 1, max: 6, replicas: 1);

        group.Run(TimeSpan.FromMinutes(1), requests: 12, processors: 2);

        Assert.Equal("12.0 requests in flight, 2.00 processors busy", Assert.Single(group.Steps).Step.Load);
        Assert.Equal(3, group.Replicas);
    }

    [Fact]
    public void Follows_processors_alone_without_a_count_of_requests()
    {
        var group = new SimulatedGroup(min: 1, max: 6, replicas: 1);

        group.Run(TimeSpan.FromMinutes(1), requests: null, processors: 1);

        Assert.Equal(2, group.Replicas);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(21.9)]
    [InlineData(18.1)]
    public void Changes_nothing_near_the_target(double requests)
    {
        var group = new SimulatedGroup(min: 1, max: 6, replicas: 2);

        group.Run(TimeSpan.FromHours(1), requests);

        Assert.Empty(group.Steps);
    }

    [Fact]
    public void Does_nothing_without_a_measurement()
    {
        var group = new SimulatedGroup(min: 1, max: 6, replicas: 3);

        group.Run(TimeSpan.FromHours(1), requests: null);

        Assert.Empty(group.Steps);
    }

    [Fact]
    public void Has_nowhere_to_go_where_the_minimum_is_the_maximum()
    {
        var group = new SimulatedGroup(min: 3, max: 3, replicas: 3);

        group.Run(TimeSpan.FromHours(1), requests: 1000);
        group.Run(TimeSpan.FromHours(1), requests: 0);

        Assert.Empty(group.Steps);
    }

    [Fact]
    public void Takes_a_counter_that_begins_anew_for_no_measurement()
    {
        var group = new SimulatedGroup(min: 1, max: 6, replicas: 3);
        group.Run(TimeSpan.FromMinutes(10), requests: 30);

        group.BeginCountingAnew();
        group.Run(TimeSpan.FromMinutes(10), requests: 30);

        Assert.Empty(group.Steps);
    }

    [Theory]
    [InlineData(1, 45)]
    [InlineData(6, 0)]
    public void Leaves_alone_what_somebody_has_set_for_a_while(int set, double requests)
    {
        var group = new SimulatedGroup(min: 1, max: 6, replicas: 3);
        group.Run(TimeSpan.FromMinutes(10), requests: 30);

        group.Replicas = set;
        group.Run(Options.ScaleDownAfter - TimeSpan.FromSeconds(1), requests);
        Assert.Empty(group.Steps);
        group.Run(TimeSpan.FromSeconds(10), requests);

        Assert.Equal(set, Assert.Single(group.Steps).Step.From);
    }

    [Fact]
    public void Returns_to_the_minimum_when_somebody_s_fewer_have_held()
    {
        var group = new SimulatedGroup(min: 3, max: 6, replicas: 3);
        group.Run(TimeSpan.FromMinutes(1), requests: 0);

        group.Replicas = 1;
        group.Run(TimeSpan.FromMinutes(10), requests: 0);

        Assert.Equal(3, group.Replicas);
    }

    [Theory]
    [InlineData(2, 27, 2.0)]
    [InlineData(1, 0, null)]
    public void Changes_nothing_while_a_replica_is_dead(int dead, double requests, double? processors)
    {
        var group = new SimulatedGroup(min: 1, max: 6, replicas: 3) { Dead = dead };
        group.Run(TimeSpan.FromHours(1), requests, processors);
        Assert.Empty(group.Steps);

        group.Dead = 0;
        group.Run(TimeSpan.FromHours(1), requests: 0);
        Assert.Equal(1, group.Replicas);
    }

    [Fact]
    public void Does_not_start_what_somebody_stopped()
    {
        var group = new SimulatedGroup(min: 2, max: 6, replicas: 2);
        group.Run(TimeSpan.FromMinutes(1), requests: 10);

        group.Replicas = 0;
        group.Run(TimeSpan.FromHours(1), requests: 0);

        Assert.Empty(group.Steps);
    }

    /// <summary>Requests in flight: few at night, more from seven to nine, most at noon, fewer from five to nine.</summary>
    private static double RequestsAt(double hour) => hour switch
    {
        < 7 => 2,
        < 9 => Between(2, 32, (hour - 7) / 2),
        < 11.5 => 32,
        < 12 => Between(32, 55, (hour - 11.5) * 2),
        < 13.5 => 55,
        < 14 => Between(55, 32, (hour - 13.5) * 2),
        < 17 => 32,
        < 21 => Between(32, 2, (hour - 17) / 4),
        _ => 2,
    };

    private static double Between(double from, double to, double share) => from + ((to - from) * share);

    /// <summary>A group with a clock of its own, on which every step succeeds after a few seconds.</summary>
    private sealed class SimulatedGroup(int min, int max, int replicas)
    {
        private static readonly DateTimeOffset Midnight = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
        private static readonly TimeSpan Start = TimeSpan.FromSeconds(4);

        private readonly AutoscalingMachine _machine = new(Options, min, max);
        private ScalingState _state = new();
        private double _requestSeconds;
        private double _processorSeconds;

        public TimeSpan Now { get; private set; }

        public int Replicas { get; set; } = replicas;

        public int Dead { get; set; }

        public List<(TimeSpan At, ScalingStep Step)> Steps { get; } = [];

        public void BeginCountingAnew() => _requestSeconds = 0;

        public void Run(TimeSpan time, double? requests, double? processors = null)
        {
            for (var end = Now + time; Now < end;)
            {
                Sample(requests, processors);
                Pass(Interval, requests, processors);
            }

            Sample(requests, processors);
        }

        private void Sample(double? requests, double? processors)
        {
            var sample = new LoadSample(
                Midnight + Now,
                Replicas,
                Replicas - Dead,
                requests is null ? null : _requestSeconds,
                processors is null ? null : _processorSeconds);
            (_state, var step) = _machine.Apply(_state, sample);
            if (step is not null)
            {
                Assert.Equal(Replicas, step.From);
                Steps.Add((Now, step));
                Replicas = step.To;
                Pass(Start, requests, processors);
            }
        }

        private void Pass(TimeSpan time, double? requests, double? processors)
        {
            Now += time;
            _requestSeconds += time.TotalSeconds * (requests ?? 0);
            _processorSeconds += time.TotalSeconds * (processors ?? 0);
        }
    }
}
