using System.Diagnostics;
using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Processes;

[SupportedOSPlatform("linux")]
public sealed class ProcessGuardTests
{
    [Fact]
    public async Task Ends_every_group_when_the_pipe_ends()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("trap '' TERM; sleep 60 & echo up; wait");
        await pad.Sink.NextAsync();

        await pad.Guard.DisposeAsync();

        Assert.Equal(ProcessSignal.Kill, (await child.Exit.InTime()).Signal);
    }

    [Fact]
    public async Task Asks_politely_first()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("trap 'exit 12' TERM; echo up; while :; do sleep 0.05; done");
        await pad.Sink.NextAsync();

        await pad.Guard.DisposeAsync();

        Assert.Equal(12, (await child.Exit.InTime()).Code);
    }

    [Fact]
    public async Task Is_replaced_when_killed_and_its_successor_knows_all()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("echo up; exec sleep 60");
        await pad.Sink.NextAsync();
        var killed = pad.Guard.ProcessId!.Value;

        new ProcessGroup(killed, ProcessTable.Read(killed)!.Value.StartTicks).SignalLeader(ProcessSignal.Kill);
        await pad.GuardLog.NextAsync();
        pad.Guard.Start();

        Assert.NotEqual(killed, pad.Guard.ProcessId);
        await pad.Guard.DisposeAsync();
        Assert.Equal(ProcessSignal.Terminate, (await child.Exit.InTime()).Signal);
    }

    [Fact]
    public async Task Ignores_what_a_terminal_or_a_shutdown_sends()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("echo up; exec sleep 60");
        await pad.Sink.NextAsync();
        var guard = pad.Guard.ProcessId!.Value;
        var group = new ProcessGroup(guard, ProcessTable.Read(guard)!.Value.StartTicks);
        await Task.Run(() => SpinWait.SpinUntil(() => IgnoresHangup(guard), Deadline.Generous));

        foreach (var signal in new[] { ProcessSignal.Interrupt, ProcessSignal.Terminate, ProcessSignal.Hangup, ProcessSignal.Quit })
        {
            group.SignalAll(signal);
        }

        await child.StopAsync(Deadline.Generous).InTime();
        Assert.Empty(pad.GuardLog.Warnings);
        Assert.Equal(guard, pad.Guard.ProcessId);
    }

    [Fact]
    public async Task Ends_by_itself_on_a_clean_stop()
    {
        await using var pad = new Launchpad();
        await pad.Start("true").Exit.InTime();
        var guard = pad.Guard.ProcessId!.Value;

        await pad.Guard.DisposeAsync();

        Assert.Null(pad.Guard.ProcessId);
        Assert.Null(ProcessTable.Read(guard));
        Assert.Empty(pad.GuardLog.Warnings);
    }

    [Fact]
    public async Task Ends_a_process_it_was_never_told_of_by_its_mark()
    {
        using var stranger = StartSession("flaskstack-test-mark");
        using var guard = StartScript("FLASKSTACK_TEST_MARK=flaskstack-test-mark");

        guard.StandardInput.Close();

        await stranger.WaitForExitAsync().InTime();
        await guard.WaitForExitAsync().InTime();
    }

    [Fact]
    public async Task Ends_the_members_of_a_group_whose_leader_is_gone()
    {
        using var leader = StartSession("none", "sleep 60 & echo $!; read -r _; exit 0", out var member);
        var ticks = ProcessTable.Read(leader.Id)!.Value.StartTicks;
        using var guard = StartScript("NONE=1");
        await guard.StandardInput.WriteAsync($"add {leader.Id} {ticks}\n");
        leader.StandardInput.Close();
        await leader.WaitForExitAsync().InTime();

        guard.StandardInput.Close();
        await guard.WaitForExitAsync().InTime();

        Assert.False(ProcessTable.Read(member) is { IsAlive: true });
    }

    [Fact]
    public async Task Leaves_a_stranger_alone_that_has_the_number_of_a_leader()
    {
        using var stranger = StartSession("none");
        var ticks = ProcessTable.Read(stranger.Id)!.Value.StartTicks;
        using var guard = StartScript("NONE=1");

        await guard.StandardInput.WriteAsync($"add {stranger.Id} {ticks - 1}\n");
        guard.StandardInput.Close();
        await guard.WaitForExitAsync().InTime();

        Assert.True(ProcessTable.IsAlive(stranger.Id, ticks));
        stranger.Kill();
        await stranger.WaitForExitAsync().InTime();
    }

    [Fact]
    public async Task Leaves_a_group_alone_that_was_removed()
    {
        using var released = StartSession("none");
        var ticks = ProcessTable.Read(released.Id)!.Value.StartTicks;
        using var guard = StartScript("NONE=1");

        await guard.StandardInput.WriteAsync($"add {released.Id} {ticks}\nremove {released.Id}\n");
        guard.StandardInput.Close();
        await guard.WaitForExitAsync().InTime();

        Assert.True(ProcessTable.IsAlive(released.Id, ticks));
        released.Kill();
        await released.WaitForExitAsync().InTime();
    }

    private static bool IgnoresHangup(int processId) =>
        File.ReadLines($"/proc/{processId}/status")
            .Any(line => line.StartsWith("SigIgn:", StringComparison.Ordinal) && "13579bdf".Contains(line[^1], StringComparison.Ordinal));

    private static Process StartScript(string mark) =>
        Process.Start(new ProcessStartInfo("sh", ["-c", GuardScript.Text, "guard", mark]) { RedirectStandardInput = true })!;

    private static Process StartSession(string mark) => StartSession(mark, "echo 0; exec sleep 60", out _);

    private static Process StartSession(string mark, string script, out int member)
    {
        var startInfo = new ProcessStartInfo("setsid", ["sh", "-c", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["FLASKSTACK_TEST_MARK"] = mark },
        };
        var process = Process.Start(startInfo)!;
        member = int.Parse(process.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
        return process;
    }
}
