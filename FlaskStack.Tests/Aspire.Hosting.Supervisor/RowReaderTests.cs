using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Machine;
using Aspire.Hosting.Supervisor.Runtime;

namespace FlaskStack.Tests.Supervisor;

public sealed class RowReaderTests
{
    private static readonly DateTime Start = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly RowReader _reader = new();

    [Theory]
    [InlineData("Exited", null, 0, "Unknown")]
    [InlineData("Exited", "stop", 0, "Stop")]
    [InlineData("Exited", "exit", 1, "Exit")]
    [InlineData("Finished", "exit", 0, "Exit")]
    [InlineData("FailedToStart", null, null, "FailedToStart")]
    [InlineData("FailedToStart", "exit", null, "FailedToStart")]
    [InlineData("FailedToStart", "stop", null, "Stop")]
    public void Reads_an_end_with_its_cause(string state, string? endedBy, int? code, string cause)
    {
        var ended = Assert.IsType<InstanceEvent.Ended>(Read(Ended(state, code, endedBy)));

        Assert.Equal((cause, code, TimeSpan.FromSeconds(5)), (ended.Cause.ToString(), ended.ExitCode, ended.Ran));
    }

    [Fact]
    public void Tells_an_end_once_however_often_it_is_shown()
    {
        Assert.NotNull(Read(Ended("Exited", 1, "exit")));

        Assert.Null(Read(Ended("Exited", 1, "exit")));
        Assert.Null(Read(Ended("Exited", 1, "exit") with { StopTimeStamp = Start.AddSeconds(6) }));
    }

    [Fact]
    public void Tells_an_end_that_somebody_took_for_a_stop_after_all()
    {
        Read(Ended("Exited", 1, "exit"));

        Assert.Equal(EndCause.Stop, Assert.IsType<InstanceEvent.Ended>(Read(Ended("Exited", 1, "stop"))).Cause);
    }

    [Fact]
    public void Tells_the_end_of_the_next_run()
    {
        Read(Ended("Exited", 1, "exit"));

        Assert.NotNull(Read(Ended("Exited", 1, "exit") with { StartTimeStamp = Start.AddSeconds(7), StopTimeStamp = Start.AddSeconds(8) }));
    }

    [Fact]
    public void Tells_an_equal_failure_of_the_next_start()
    {
        var failed = Row("FailedToStart");
        Read(failed);
        Read(Row("Starting"));

        Assert.Equal(TimeSpan.Zero, Assert.IsType<InstanceEvent.Ended>(Read(failed)).Ran);
    }

    [Theory]
    [InlineData("Starting")]
    [InlineData("Waiting")]
    [InlineData("Building")]
    public void Reads_a_start(string state) => Assert.IsType<InstanceEvent.Starting>(Read(Row(state)));

    [Fact]
    public void Reads_a_run_with_its_start_and_health()
    {
        var running = Assert.IsType<InstanceEvent.Running>(Read(Row("Running") with { StartTimeStamp = Start }));

        Assert.Equal((new DateTimeOffset(Start), true), (running.StartedAt, running.IsHealthy));
        Assert.False(Assert.IsType<InstanceEvent.Running>(Read(Row("Running").WithHealthReports([new("check", null, null, null)]))).IsHealthy);
    }

    [Fact]
    public void Takes_one_run_for_one_where_the_host_does_not_say_when_it_began()
    {
        var first = Assert.IsType<InstanceEvent.Running>(_reader.Read(Row("Running"), Start));
        var second = Assert.IsType<InstanceEvent.Running>(_reader.Read(Row("Running"), Start.AddSeconds(3)));

        Assert.Equal(first.StartedAt, second.StartedAt);
    }

    [Theory]
    [InlineData("Backoff")]
    [InlineData("Fatal")]
    [InlineData("RuntimeUnhealthy")]
    [InlineData(null)]
    public void Makes_nothing_of_other_states(string? state) => Assert.Null(Read(Row(state)));

    private InstanceEvent? Read(CustomResourceSnapshot snapshot) => _reader.Read(snapshot, Start.AddSeconds(5));

    private static CustomResourceSnapshot Row(string? state, ImmutableArray<ResourcePropertySnapshot>? properties = null) => new()
    {
        ResourceType = "Executable",
        Properties = properties ?? [],
        State = state is null ? null : new ResourceStateSnapshot(state, null),
    };

    private static CustomResourceSnapshot Ended(string state, int? code, string? endedBy) =>
        Row(state, endedBy is null ? [] : [new("executable.endedBy", endedBy)]) with { ExitCode = code, StartTimeStamp = Start, StopTimeStamp = Start.AddSeconds(5) };
}
