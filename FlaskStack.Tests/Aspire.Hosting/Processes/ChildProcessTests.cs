using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Processes;

[SupportedOSPlatform("linux")]
public sealed class ChildProcessTests
{
    private static readonly TimeSpan ShortGrace = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Reports_the_exit_code()
    {
        await using var pad = new Launchpad();

        var exit = await pad.Start("exit 7").Exit.InTime();

        Assert.Equal(7, exit.Code);
        Assert.Null(exit.Signal);
    }

    [Fact]
    public async Task Reports_the_signal_that_ended_it()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("exec sleep 60");

        Assert.True(child.Signal(ProcessSignal.Kill));
        var exit = await child.Exit.InTime();

        Assert.Equal(137, exit.Code);
        Assert.Equal(ProcessSignal.Kill, exit.Signal);
    }

    [Fact]
    public async Task Knows_of_the_exit_while_another_process_holds_the_pipes()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("setsid sh -c 'echo $$; exec sleep 60' & read line; wait");
        var stranger = await pad.Sink.NextIdAsync();
        child.Signal(ProcessSignal.Kill);

        var exit = await child.Exit.InTime();
        await child.OutputEnd.InTime();

        Assert.Equal(ProcessSignal.Kill, exit.Signal);
        Assert.True(IsAlive(stranger));
        new ProcessGroup(stranger, ProcessTable.Read(stranger)!.Value.StartTicks).Clear();
    }

    [Fact]
    public async Task Ends_what_the_process_left_in_its_group()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("trap '' TERM; sleep 60 & echo $!; exit 0");
        var left = await pad.Sink.NextIdAsync();

        await child.Exit.InTime();

        Assert.False(IsAlive(left));
    }

    [Fact]
    public async Task Ends_what_left_the_group_but_not_the_session()
    {
        await using var pad = new Launchpad();
        var child = pad.Start(pad.Spec("bash", "-c", "set -m; sleep 60 & echo $!; kill -KILL $$"));
        var left = await pad.Sink.NextIdAsync();

        await child.Exit.InTime();

        Assert.False(IsAlive(left));
    }

    [Fact]
    public async Task Leads_a_group_of_its_own_in_the_session_of_the_AppHost()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("echo up; read -r _ < /dev/null; exec sleep 60");
        await pad.Sink.NextAsync();

        var status = ProcessTable.Read(child.Id)!.Value;

        var session = ProcessTable.Read(Environment.ProcessId)!.Value.SessionId;
        Assert.Equal((child.Id, session, child.StartTicks), (status.GroupId, status.SessionId, status.StartTicks));
    }

    [Fact]
    public async Task Reads_an_end_of_file_from_its_input()
    {
        await using var pad = new Launchpad();

        var exit = await pad.Start("cat; exit 4").Exit.InTime();

        Assert.Equal(4, exit.Code);
    }

    [Fact]
    public async Task Inherits_no_descriptor_opened_by_the_AppHost()
    {
        await using var pad = new Launchpad();
        using var file = File.Create(pad.Folder["open"]);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        pad.Start("exec sleep 60");

        await pad.Start("for fd in /proc/$$/fd/*; do readlink $fd; done").OutputEnd.InTime();

        Assert.NotEmpty(pad.Sink.Lines);
        Assert.DoesNotContain(pad.Sink.Texts, target => target == file.Name || target.StartsWith("socket:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Begins_with_no_signal_ignored_or_blocked()
    {
        await using var pad = new Launchpad();

        await pad.Start(pad.Spec("grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status")).OutputEnd.InTime();

        // Those above 31 are real-time signals, of which the C library keeps two for itself.
        Assert.Equal(2, pad.Sink.Texts.Count());
        Assert.All(pad.Sink.Texts, line => Assert.Equal(0, long.Parse(line.Split('\t')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & int.MaxValue));
    }

    [Fact]
    public async Task Goes_first_while_it_starts_where_the_system_permits_it()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("echo up; exec sleep 60");
        await pad.Sink.NextAsync();
        var usual = Nice(Environment.ProcessId);

        var precedence = new StartPrecedence(child.Id, TimeProvider.System);
        var first = Nice(child.Id);
        precedence.End();

        Assert.Equal(precedence.IsPermitted, first < usual);
        Assert.Equal(usual, Nice(child.Id));
    }

    [Fact]
    public async Task Is_batch_work_again_with_all_it_started_once_it_went_first()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("sleep 60 & echo $!; wait");
        var started = await pad.Sink.NextIdAsync();

        var precedence = new StartPrecedence(child.Id, TimeProvider.System);
        var first = Policies(child.Id, started);
        precedence.End();

        Assert.Equal([SchedulingPolicy.Other, SchedulingPolicy.Other], first);
        Assert.Equal([SchedulingPolicy.Batch, SchedulingPolicy.Batch], Policies(child.Id, started));
    }

    [Fact]
    public async Task Is_no_batch_work_after_it_went_first_when_it_never_was()
    {
        await using var pad = new Launchpad(SchedulingPolicy.Other);
        var child = pad.Start("echo up; exec sleep 60");
        await pad.Sink.NextAsync();

        new StartPrecedence(child.Id, TimeProvider.System).End();

        Assert.Equal([SchedulingPolicy.Other], Policies(child.Id));
    }

    [Fact]
    public async Task Has_the_environment_it_was_given()
    {
        await using var pad = new Launchpad();
        Environment.SetEnvironmentVariable("FLASKSTACK_TEST_REMOVED", "yes");

        await pad.Start(pad.Spec("env") with
        {
            Environment = new Dictionary<string, string?> { ["ConnectionStrings__my-db"] = "a=b c", ["FLASKSTACK_TEST_REMOVED"] = null },
        }).OutputEnd.InTime();

        Assert.Contains("ConnectionStrings__my-db=a=b c", pad.Sink.Texts);
        Assert.Contains(pad.Identity.Mark, pad.Sink.Texts);
        Assert.DoesNotContain("FLASKSTACK_TEST_REMOVED=yes", pad.Sink.Texts);
    }

    [Fact]
    public async Task Hands_out_both_streams_and_a_last_line_without_an_end()
    {
        await using var pad = new Launchpad();

        await pad.Start("echo out; echo wrong >&2; printf last").OutputEnd.InTime();

        Assert.Equal([("out", false), ("last", false)], pad.Sink.Lines.Where(line => !line.IsError));
        Assert.Equal([("wrong", true)], pad.Sink.Lines.Where(line => line.IsError));
    }

    [Fact]
    public async Task Stops_gracefully()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done");
        await pad.Sink.NextAsync();

        var stop = await child.StopAsync(Deadline.Generous);
        await child.OutputEnd.InTime();

        Assert.False(stop.Forced);
        Assert.Equal(3, stop.Exit.Code);
        Assert.Contains("bye", pad.Sink.Texts);
    }

    [Fact]
    public async Task Stops_the_child_of_a_shell_too()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("trap 'exit 5' TERM; sh -c 'echo up; exec sleep 60'; exit 1");
        await pad.Sink.NextAsync();

        var stop = await child.StopAsync(Deadline.Generous).InTime();

        Assert.False(stop.Forced);
        Assert.Equal(5, stop.Exit.Code);
    }

    [Fact]
    public async Task Gives_the_rest_of_the_group_the_grace_that_is_left()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("(trap 'sleep 0.3; echo flushed; exit 0' TERM; echo up; while :; do sleep 0.05; done) & wait");
        await pad.Sink.NextAsync();

        var stop = await child.StopAsync(Deadline.Generous).InTime();
        await child.OutputEnd.InTime();

        Assert.False(stop.Forced);
        Assert.Contains("flushed", pad.Sink.Texts);
    }

    [Fact]
    public async Task Sends_a_signal_of_the_programs_own_to_the_leader_alone()
    {
        await using var pad = new Launchpad();
        var script = "(trap 'echo child' USR1; trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done) & "
            + "child=$!; trap 'echo leader; kill $child; wait $child; exit 0' USR1; echo up; wait";
        var child = pad.Start(pad.Shell(script) with { StopSignal = ProcessSignal.User1 });
        await pad.Sink.NextAsync();
        await pad.Sink.NextAsync();

        var stop = await child.StopAsync(Deadline.Generous).InTime();
        await child.OutputEnd.InTime();

        Assert.False(stop.Forced);
        Assert.Equal(["up", "up", "leader"], pad.Sink.Texts);
    }

    [Fact]
    public async Task Asks_what_a_leader_left_behind_that_alone_was_sent_its_own_signal()
    {
        await using var pad = new Launchpad();
        var script = "(trap 'echo told; exit 0' TERM; echo up; while :; do sleep 0.05; done) & wait";
        var child = pad.Start(pad.Shell(script) with { StopSignal = ProcessSignal.User1 });
        await pad.Sink.NextAsync();

        var stop = await child.StopAsync(Deadline.Generous).InTime();
        await child.OutputEnd.InTime();

        Assert.Equal((ProcessSignal.User1, false), (stop.Exit.Signal, stop.Forced));
        Assert.Contains("told", pad.Sink.Texts);
    }

    [Fact]
    public async Task Kills_the_group_of_a_process_that_ignores_the_stop_signal()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("trap '' TERM; sleep 60 & echo $!; wait");
        var other = await pad.Sink.NextIdAsync();

        var stop = await child.StopAsync(ShortGrace).InTime();

        Assert.True(stop.Forced);
        Assert.Equal(ProcessSignal.Kill, stop.Exit.Signal);
        Assert.False(IsAlive(other));
    }

    [Fact]
    public async Task Kills_what_outlives_a_leader_that_stopped()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("(trap '' TERM; echo up; exec sleep 60) & wait");
        await pad.Sink.NextAsync();

        var stop = await child.StopAsync(ShortGrace).InTime();

        Assert.True(stop.Forced);
        Assert.Empty(new ProcessGroup(child.Id, child.StartTicks).Members());
    }

    [Fact]
    public async Task Stops_a_suspended_process()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("trap 'exit 6' TERM; echo up; while :; do sleep 0.05; done");
        await pad.Sink.NextAsync();
        child.SignalGroup(ProcessSignal.Stop);

        var stop = await child.StopAsync(Deadline.Generous).InTime();

        Assert.Equal((6, false), (stop.Exit.Code, stop.Forced));
    }

    [Fact]
    public async Task Kills_at_once_when_the_stop_is_cancelled()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("trap '' TERM; echo up; sleep 60");
        await pad.Sink.NextAsync();
        using var cancellation = new CancellationTokenSource();
        var stopping = child.StopAsync(TimeSpan.FromHours(1), cancellation.Token);

        await cancellation.CancelAsync();
        var stop = await stopping.InTime();

        Assert.True(stop.Forced);
    }

    [Fact]
    public async Task Gives_every_caller_of_stop_the_same_end()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("trap 'exit 2' TERM; echo up; while :; do sleep 0.05; done");
        await pad.Sink.NextAsync();

        var stops = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => child.StopAsync(Deadline.Generous))).InTime();

        Assert.All(stops, stop => Assert.Equal((2, false), (stop.Exit.Code, stop.Forced)));
    }

    [Fact]
    public async Task Stops_right_after_the_start()
    {
        await using var pad = new Launchpad();

        var stops = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => pad.Start("exec sleep 60").StopAsync(Deadline.Generous))).InTime();

        Assert.All(stops, stop => Assert.Equal((ProcessSignal.Terminate, false), (stop.Exit.Signal, stop.Forced)));
    }

    [Fact]
    public async Task Stopping_what_has_ended_is_no_force()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("exit 1");
        await child.Exit.InTime();

        var stop = await child.StopAsync(TimeSpan.Zero);

        Assert.Equal((1, false), (stop.Exit.Code, stop.Forced));
        Assert.False(child.Signal(ProcessSignal.Terminate));
    }

    [Fact]
    public async Task A_stop_that_races_with_the_exit_returns_it()
    {
        await using var pad = new Launchpad();
        var children = Enumerable.Range(0, 20).Select(index => pad.Start(string.Create(CultureInfo.InvariantCulture, $"sleep 0.0{index % 10}"))).ToList();

        var stops = await Task.WhenAll(children.Select(child => child.StopAsync(Deadline.Generous))).InTime();

        Assert.All(stops, stop => Assert.False(stop.Forced));
    }

    private static int Nice(int processId) =>
        int.Parse(File.ReadAllText($"/proc/{processId}/stat").Split(") ")[^1].Split(' ')[16], CultureInfo.InvariantCulture);

    private static IEnumerable<SchedulingPolicy> Policies(params int[] processIds) =>
        [.. processIds.Select(id => (SchedulingPolicy)NativeMethods.GetScheduler(id))];

    private static bool IsAlive(int processId) => ProcessTable.Read(processId) is { IsAlive: true };
}
