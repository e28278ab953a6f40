using System.Runtime.Versioning;
using System.Text.Json;
using FlaskStack.Tests.Graph;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Cli;

[SupportedOSPlatform("linux")]
public sealed class RealCliTests : IDisposable
{
    private static readonly string[] Settings = ["--Nginx:Port=0", "--Api:Replicas=2", "--Dashboard:Enabled=false"];

    private readonly RealCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [CliFact]
    public async Task Sees_drives_and_stops_an_AppHost_that_it_did_not_start()
    {
        using var appHost = AppHostProcess.Start(_cli.Environment, Settings);
        await appHost.WaitForOutputAsync("nginx is ready");

        var listed = JsonElement.Parse(await _cli.SucceedAsync("ps", "--format", "json"));
        Assert.Equal(appHost.Id, Assert.Single(listed.EnumerateArray()).GetProperty("appHostPid").GetInt32());

        await _cli.SucceedAsync("wait", "nginx", "--status", "healthy");
        await _cli.SucceedAsync("wait", "api");
        var replica = (await DescribeAsync()).Keys.First(static name => name.StartsWith("api-", StringComparison.Ordinal));

        await _cli.SucceedAsync("resource", replica, "stop");
        Assert.Equal("Exited", (await DescribeAsync())[replica]);
        await _cli.SucceedAsync("resource", replica, "start");
        await _cli.SucceedAsync("wait", replica);
        await _cli.SucceedAsync("resource", "api", "restart");
        await _cli.SucceedAsync("wait", "api");
        await _cli.SucceedAsync("resource", "api", "reload");

        await AssertFailsAsync("has no command 'dance'", "resource", "api", "dance");
        await AssertFailsAsync("not found", "resource", "nobody", "restart");
        await AssertFailsAsync("cannot be executed", "resource", "nginx", "start");
        await AssertFailsAsync("no such argument", "resource", "api", "restart", "--foo=bar");
        await AssertFailsAsync("not found", "wait", "nobody");

        Assert.Contains($"[{replica}]", await _cli.SucceedAsync("logs", "api", "--tail", "100"), StringComparison.Ordinal);
        Assert.Contains("nginx", await _cli.SucceedAsync("logs", "nginx"), StringComparison.Ordinal);

        await _cli.SucceedAsync("stop");
        Assert.Equal(0, await appHost.WaitForExitAsync());
        Assert.Empty(Directory.EnumerateFiles(_cli.SocketFolder));
        Assert.Empty(JsonElement.Parse(await _cli.SucceedAsync("ps", "--format", "json")).EnumerateArray());
    }

    [CliFact]
    public async Task Starts_an_AppHost_that_ends_with_it()
    {
        await _cli.SucceedAsync(["start", "--no-build", "--non-interactive", "--", .. Settings]);

        var appHost = Assert.Single(JsonElement.Parse(await _cli.SucceedAsync("ps", "--format", "json")).EnumerateArray());
        await _cli.SucceedAsync("wait", "nginx");
        using var process = System.Diagnostics.Process.GetProcessById(appHost.GetProperty("appHostPid").GetInt32());
        using var launcher = System.Diagnostics.Process.GetProcessById(appHost.GetProperty("cliPid").GetInt32());
        launcher.Kill();

        await process.WaitForExitAsync().InTime();
        Assert.Empty(Directory.EnumerateFiles(_cli.SocketFolder, "*.*"));
    }

    private async Task AssertFailsAsync(string reason, params string[] arguments)
    {
        var (_, error, exitCode) = await _cli.RunAsync(arguments);
        Assert.NotEqual(0, exitCode);
        Assert.Contains(reason, error.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    private async Task<Dictionary<string, string>> DescribeAsync() =>
        JsonElement.Parse(await _cli.SucceedAsync("describe", "--format", "json")).GetProperty("resources").EnumerateArray()
            .ToDictionary(static row => row.GetProperty("name").GetString()!, static row => row.GetProperty("state").GetString()!);
}
