using System.Diagnostics;
using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Processes;

[SupportedOSPlatform("linux")]
public sealed class ProcessTableTests
{
    [Fact]
    public void Reads_this_process()
    {
        using var self = Process.GetCurrentProcess();

        var status = ProcessTable.Read(self.Id)!.Value;

        Assert.True(status.IsAlive);
        Assert.True(status.StartTicks > 0);
        Assert.InRange(status.ResidentBytes, self.WorkingSet64 / 2, self.WorkingSet64 * 2);
        Assert.InRange(status.ProcessorTime, TimeSpan.FromMilliseconds(1), self.TotalProcessorTime + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Knows_no_process_with_an_impossible_number() => Assert.Null(ProcessTable.Read(int.MaxValue));

    [Fact]
    public async Task Reads_a_name_with_brackets_and_blanks()
    {
        await using var pad = new Launchpad();
        var path = pad.Folder["a) R (b"];
        File.Copy("/bin/sleep", path);

        var child = pad.Start(pad.Shell("echo up; exec './a) R (b' 60"));
        await pad.Sink.NextAsync();
        await Task.Run(() => SpinWait.SpinUntil(() => ProcessTable.Read(child.Id)?.Name == "a) R (b", Deadline.Generous));

        Assert.Equal((child.Id, "a) R (b"), (ProcessTable.Read(child.Id)!.Value.GroupId, ProcessTable.Read(child.Id)!.Value.Name));
    }

    [Fact]
    public void Raises_the_limit_of_open_files_to_the_hard_one()
    {
        var limits = ProcessLimits.RaiseOpenFiles();

        Assert.NotNull(limits);
        Assert.Equal(limits.Value.Hard, limits.Value.Soft);
    }

    [Theory]
    [InlineData("SIGQUIT", 3)]
    [InlineData("term", 15)]
    [InlineData("WINCH", 28)]
    [InlineData("12", 12)]
    public void Reads_the_names_of_signals(string text, int number)
    {
        Assert.True(ProcessSignals.TryParse(text, out var signal));
        Assert.Equal(number, (int)signal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("SIG")]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("SIGNAL")]
    public void Rejects_what_is_no_signal(string? text) => Assert.False(ProcessSignals.TryParse(text, out _));
}
