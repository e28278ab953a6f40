using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Processes;

[SupportedOSPlatform("linux")]
public sealed class LeftoverRegistryTests
{
    private const int DeadOwner = int.MaxValue;

    [Fact]
    public async Task Ends_what_a_dead_AppHost_left()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("trap '' TERM; sleep 60 & echo up; wait");
        await pad.Sink.NextAsync();
        var path = Write(pad, DeadOwner, child.Id, child.StartTicks);

        var cleared = await Registry(pad).ClearAsync().InTime();

        Assert.Equal(2, cleared);
        Assert.Equal(ProcessSignal.Kill, (await child.Exit.InTime()).Signal);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Ends_what_carries_the_mark_of_a_dead_run()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("echo up; exec sleep 60");
        await pad.Sink.NextAsync();
        // A process that becomes another program has no environment to see for a moment.
        var mark = $"{RunIdentity.VariableName}={pad.Identity.Id}";
        Assert.True(await Task.Run(() => SpinWait.SpinUntil(
            () => ProcessTable.Read(child.Id)?.Name == "sleep" && ProcessTable.ReadMarked(mark).Any(status => status.Id == child.Id), Deadline.Generous)));
        Write(pad, DeadOwner, DeadOwner, 1);

        Assert.Equal(1, await Registry(pad).ClearAsync().InTime());
        Assert.Equal(ProcessSignal.Terminate, (await child.Exit.InTime()).Signal);
    }

    [Fact]
    public async Task Leaves_the_processes_of_a_live_AppHost_alone()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("echo up; exec sleep 60");
        await pad.Sink.NextAsync();

        var other = new LeftoverRegistry(new RunIdentity(), pad.Folder["state"], new RecordingLogger<LeftoverRegistry>());

        Assert.Equal(0, await other.ClearAsync().InTime());
        Assert.True(ProcessTable.IsAlive(child.Id, child.StartTicks));
    }

    [Fact]
    public async Task Leaves_a_stranger_alone_that_has_the_number_of_a_leader()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("echo up; exec sleep 60");
        await pad.Sink.NextAsync();
        Write(pad, DeadOwner, child.Id, child.StartTicks - 1, runId: "another");

        Assert.Equal(0, await Registry(pad).ClearAsync().InTime());
        Assert.True(ProcessTable.IsAlive(child.Id, child.StartTicks));
    }

    [Fact]
    public async Task Leaves_records_of_another_boot_alone()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("echo up; exec sleep 60");
        await pad.Sink.NextAsync();
        var path = Write(pad, DeadOwner, child.Id, child.StartTicks, host: "another/boot");

        Assert.Equal(0, await Registry(pad).ClearAsync().InTime());
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task Lists_a_process_while_it_runs()
    {
        await using var pad = new Launchpad();
        var child = pad.Start("echo up; exec sleep 60");
        await pad.Sink.NextAsync();
        var path = Assert.Single(Directory.GetFiles(pad.Folder["state"]));

        Assert.Equal(child.StartTicks, LeftoverRecord.Parse(await File.ReadAllTextAsync(path))!.Groups[child.Id]);

        await child.StopAsync(Deadline.Generous).InTime();
        Assert.Empty(LeftoverRecord.Parse(await File.ReadAllTextAsync(path))!.Groups);

        pad.Leftovers.Dispose();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void Warns_once_of_a_folder_that_cannot_be_written()
    {
        using var folder = new TemporaryFolder();
        var logger = new RecordingLogger<LeftoverRegistry>();
        using var registry = new LeftoverRegistry(new RunIdentity(), Path.Combine(folder.WriteFile("file", ""), "state"), logger);

        registry.Add(DeadOwner, 1);
        registry.Add(DeadOwner - 1, 1);

        Assert.Contains("state", Assert.Single(logger.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("run a\nowner 1")]
    [InlineData("run a\nowner 5 6\nhost h\ngroup -1 5\n")]
    [InlineData("run a\nowner 5 6\nhost h\ngroup 1 5\n")]
    public void Rejects_a_torn_or_dangerous_record(string text) => Assert.Null(LeftoverRecord.Parse(text));

    private static LeftoverRegistry Registry(Launchpad pad) =>
        new(new RunIdentity(), pad.Folder["left"], new RecordingLogger<LeftoverRegistry>());

    private static string Write(Launchpad pad, int owner, int leader, long ticks, string? runId = null, string? host = null)
    {
        var groups = new Dictionary<int, long> { [leader] = ticks };
        var record = new LeftoverRecord(runId ?? pad.Identity.Id, owner, 1, host ?? LeftoverRecord.CurrentHost(), groups);
        Directory.CreateDirectory(pad.Folder["left"]);
        return pad.Folder.WriteFile("left/old.run", record.ToText());
    }
}
