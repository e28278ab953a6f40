using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Machine;
using Aspire.Hosting.Supervisor.Runtime;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class SnapshotReaderTests
{
    private static readonly DateTime Start = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTimeOffset Now = new(Start.AddSeconds(5));

    private readonly SnapshotReader _reader = new();

    [Theory]
    [InlineData("Exited", -1)]
    [InlineData("Finished", 0)]
    [InlineData("Exited", null)]
    public void Reads_an_end(string state, int? code)
    {
        var ended = Assert.IsType<InstanceEvent.Ended>(Read(Ended(state, code)));

        Assert.Equal((EndCause.Unknown, code, TimeSpan.FromSeconds(5)), (ended.Cause, ended.ExitCode, ended.Ran));
    }

    [Fact]
    public void Ignores_the_late_report_of_an_end_that_the_kernel_told()
    {
        _reader.Read(Running(), new(Start));

        var ended = _reader.End(new(Start), 7, Now);
        Assert.Equal((7, TimeSpan.FromSeconds(5)), (ended?.ExitCode, ended?.Ran));

        Assert.Null(Read(Running()));
        Assert.Null(Read(Ended("Finished", 7)));
        Assert.Null(_reader.End(new(Start), 7, Now));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(2)]
    public void Measures_a_run_by_its_own_clock(int hours)
    {
        // The system's clock, which the orchestrator's times are from, was set between the start and the end.
        _reader.Read(Running() with { StartTimeStamp = Start.AddHours(hours) }, Now);

        Assert.Equal(TimeSpan.FromSeconds(3), _reader.End(new(Start.AddHours(hours)), 7, Now.AddSeconds(3))?.Ran);
    }

    [Fact]
    public void Measures_the_run_that_the_row_shows_alone_by_its_own_clock()
    {
        Read(Running());

        var ended = Assert.IsType<InstanceEvent.Ended>(
            _reader.Read(Ended("Finished", 7) with { StopTimeStamp = Start.AddHours(-2) }, Now.AddSeconds(3)));

        Assert.Equal(TimeSpan.FromSeconds(3), ended.Ran);
    }

    [Fact]
    public void Ignores_the_deletion_of_an_ended_run_before_the_next()
    {
        Read(Running());
        _reader.End(new(Start), 7, Now);
        Read(Snapshot("Starting"));

        Assert.Null(Read(Ended("Finished", 7)));
        Assert.Null(Read(Ended("Exited", null) with { StopTimeStamp = Start.AddSeconds(6) }));
        Assert.IsType<InstanceEvent.Running>(Read(Running() with { StartTimeStamp = Start.AddSeconds(7) }));
    }

    [Fact]
    public void Ignores_the_kernel_where_the_row_came_first()
    {
        Read(Running());
        Assert.NotNull(Read(Ended("Finished", 7)));

        Assert.Null(_reader.End(new(Start), null, Now));
    }

    [Fact]
    public void Tells_an_end_once_however_often_it_is_shown()
    {
        Assert.NotNull(Read(Ended("Exited", 1)));

        Assert.Null(Read(Ended("Exited", 1)));
        Assert.Null(Read(Ended("Exited", 1) with { StopTimeStamp = Start.AddSeconds(6) }));
    }

    [Fact]
    public void Tells_the_end_of_the_next_run()
    {
        Read(Ended("Exited", 1));

        Assert.NotNull(Read(Ended("Exited", 1) with { StartTimeStamp = Start.AddSeconds(7), StopTimeStamp = Start.AddSeconds(8) }));
    }

    [Fact]
    public void Tells_a_failed_start_once()
    {
        var failure = Assert.IsType<InstanceEvent.Ended>(Read(Snapshot("FailedToStart")));

        Assert.Equal((EndCause.FailedToStart, TimeSpan.Zero), (failure.Cause, failure.Ran));
        Assert.Null(Read(Snapshot("FailedToStart")));
    }

    [Fact]
    public void Tells_an_equal_failure_of_the_next_start()
    {
        Read(Snapshot("FailedToStart"));
        Read(Snapshot("Starting"));

        Assert.IsType<InstanceEvent.Ended>(Read(Snapshot("FailedToStart")));
    }

    [Fact]
    public void Takes_an_end_without_a_beginning_for_a_failed_start() =>
        Assert.Equal(EndCause.FailedToStart, Assert.IsType<InstanceEvent.Ended>(Read(Snapshot("Finished"))).Cause);

    [Theory]
    [InlineData("Starting")]
    [InlineData("Waiting")]
    [InlineData("Building")]
    public void Reads_a_start(string state) => Assert.IsType<InstanceEvent.Starting>(Read(Snapshot(state)));

    [Fact]
    public void Reads_a_run_with_its_start_and_health()
    {
        var running = Assert.IsType<InstanceEvent.Running>(Read(Running()));

        Assert.Equal((new DateTimeOffset(Start), true), (running.StartedAt, running.IsHealthy));
        Assert.False(Assert.IsType<InstanceEvent.Running>(Read(Running().WithHealthReports([new("check", null, null, null)]))).IsHealthy);
    }

    [Fact]
    public void Takes_one_run_for_one_where_the_host_does_not_say_when_it_began()
    {
        var first = Assert.IsType<InstanceEvent.Running>(_reader.Read(Snapshot("Running"), Start));
        var second = Assert.IsType<InstanceEvent.Running>(_reader.Read(Snapshot("Running"), Start.AddSeconds(3)));

        Assert.Equal(first.StartedAt, second.StartedAt);
    }

    [Theory]
    [InlineData("Backoff")]
    [InlineData("Fatal")]
    [InlineData("NotStarted")]
    [InlineData("RuntimeUnhealthy")]
    [InlineData(null)]
    public void Makes_nothing_of_other_states(string? state) => Assert.Null(Read(Snapshot(state)));

    private InstanceEvent? Read(CustomResourceSnapshot snapshot) => _reader.Read(snapshot, Now);

    private static CustomResourceSnapshot Snapshot(string? state) => new()
    {
        ResourceType = "Executable",
        Properties = [],
        State = state is null ? null : new ResourceStateSnapshot(state, null),
    };

    private static CustomResourceSnapshot Running() => Snapshot("Running") with { StartTimeStamp = Start };

    private static CustomResourceSnapshot Ended(string state, int? code) =>
        Snapshot(state) with { ExitCode = code, StartTimeStamp = Start, StopTimeStamp = Start.AddSeconds(5) };
}
