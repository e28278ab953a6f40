using System.Diagnostics;
using System.Runtime.Versioning;
using Aspire.Hosting.Shared;
using Aspire.Hosting.Supervisor.Processes;

namespace Aspire.Hosting.Supervisor.Tests;

[SupportedOSPlatform("linux")]
public sealed class ProcessTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>Others than the parent learn the exit status from Linux 6.15 on.</summary>
    private static readonly bool TellsStatus = Environment.OSVersion.Version >= new Version(6, 15);

    [Fact]
    public async Task Learns_the_exit_code()
    {
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "read line; exit 7"]) { RedirectStandardInput = true })!;
        var exit = ProcessExit.WaitAsync(process.Id);
        Assert.False(exit.IsCompleted);

        process.StandardInput.Close();

        Assert.Equal(TellsStatus ? 7 : null, await exit.WaitAsync(Deadline));
    }

    [Fact]
    public async Task Learns_the_signal()
    {
        using var process = Process.Start("sleep", "1000");
        var exit = ProcessExit.WaitAsync(process.Id);

        process.Kill();

        Assert.Equal(TellsStatus ? 137 : null, await exit.WaitAsync(Deadline));
    }

    [Fact]
    public async Task Knows_nothing_of_a_process_that_is_gone_already()
    {
        using var process = Process.Start("true");
        await process.WaitForExitAsync().WaitAsync(Deadline);

        Assert.Null(await ProcessExit.WaitAsync(process.Id).WaitAsync(Deadline));
        Assert.Null(SupervisedProcess.Find(process.Id));
    }

    [Fact]
    public async Task Knows_the_environment_of_a_process_that_becomes_another_program_all_the_time()
    {
        const string again = "exec sh -c \"$0\" \"$0\"";
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", again, again]) { Environment = { ["MARK"] = "one" } })!;
        try
        {
            for (var look = 0; look < 5_000; look++)
            {
                Assert.Equal("MARK=one", ProcessEnvironment.VariableOf(process.Id, "MARK"));
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync().WaitAsync(Deadline);
        }

        Assert.Null(ProcessEnvironment.VariableOf(process.Id, "MARK"));
    }

    [Fact]
    public async Task Kills_a_process_with_all_that_it_started()
    {
        using var parent =
            Process.Start(new ProcessStartInfo("sh", ["-c", "sleep 1000 & echo $!; wait"]) { RedirectStandardOutput = true })!;
        var childId = (await parent.StandardOutput.ReadLineAsync().WaitAsync(Deadline))!;
        using var child = Process.GetProcessById(int.Parse(childId, System.Globalization.CultureInfo.InvariantCulture));
        var process = SupervisedProcess.Find(parent.Id)!;

        Assert.True(process.Kill());

        await process.Exit.WaitAsync(Deadline);
        await child.WaitForExitAsync().WaitAsync(Deadline);
        Assert.False(process.Kill());
        Assert.False(process.Signal(15));
    }

    [Fact]
    public async Task Knows_a_managed_debugger_by_the_pipe_that_is_open_to_it()
    {
        var folder = Directory.CreateTempSubdirectory("debugger-");
        var pipe = Path.Join(folder.FullName, "clr-debug-pipe-1-in");
        using var parent = Process.Start(new ProcessStartInfo("sh", ["-c", $"sh -c 'exec 3<>{pipe}; echo open; read line'; :"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("open", await parent.StandardOutput.ReadLineAsync().WaitAsync(Deadline));
        var process = SupervisedProcess.Find(parent.Id)!;

        Assert.True(process.IsDebugged);
        folder.Delete(recursive: true);
        Assert.False(process.IsDebugged);

        parent.StandardInput.Close();
        await process.Exit.WaitAsync(Deadline);
        Assert.False(process.IsDebugged);
    }

    [StraceFact]
    public async Task Knows_a_native_debugger_by_its_trace()
    {
        using var traced = Process.Start("sleep", "1000");
        var process = SupervisedProcess.Find(traced.Id)!;
        Assert.False(process.IsDebugged);

        using (var tracer = Process.Start(new ProcessStartInfo("strace", ["-p", $"{traced.Id}"]) { RedirectStandardError = true })!)
        {
            Assert.Contains("attached", await tracer.StandardError.ReadLineAsync().WaitAsync(Deadline), StringComparison.Ordinal);
            Assert.True(process.IsDebugged);
            tracer.Kill();
            await tracer.WaitForExitAsync().WaitAsync(Deadline);
        }

        Assert.False(process.IsDebugged);
        traced.Kill();
        await traced.WaitForExitAsync().WaitAsync(Deadline);
    }

    [Fact]
    public async Task Knows_who_started_whom_and_what_they_hold()
    {
        using var child = Process.Start("sleep", "1000");
        var table = ProcessTable.Read();

        Assert.Equal(Environment.ProcessId, table.ParentOf(child.Id));
        Assert.Contains(child.Id, table.TreeOf(Environment.ProcessId));
        Assert.Equal([child.Id], table.TreeOf(child.Id));
        Assert.True(table.ResidentBytesOf(Environment.ProcessId) > table.ResidentBytesOf(child.Id));

        child.Kill();
        await child.WaitForExitAsync().WaitAsync(Deadline);
        var later = ProcessTable.Read();
        Assert.Null(later.ParentOf(child.Id));
        Assert.Empty(later.TreeOf(child.Id));
        Assert.Null(later.ResidentBytesOf(child.Id));
    }
}

/// <summary>A test that traces a process, where there is something to trace it with.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StraceFactAttribute : FactAttribute
{
    public StraceFactAttribute() => Skip = File.Exists("/usr/bin/strace") ? null : "There is no strace.";
}
