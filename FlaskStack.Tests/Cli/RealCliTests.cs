using System.Runtime.Versioning;
using System.Text.Json;
using FlaskStack.Tests.Graph;

namespace FlaskStack.Tests.Cli;

/// <summary>What <c>docs/cli.md</c> promises, with the real CLI.</summary>
[SupportedOSPlatform("linux")]
public sealed class RealCliTests(CliAppHost appHost) : IClassFixture<CliAppHost>
{
    private const int DescribeFailed = 7;
    private const int CommandFailed = 16;
    private const int WaitTimedOut = 17;
    private const int WaitFailed = 18;

    private readonly RealCli _cli = appHost.Cli;

    [CliFact]
    public async Task Describes_the_group_its_replicas_and_nginx()
    {
        var resources = await _cli.DescribeAsync();

        Assert.Equal(["api", "api-1", "api-2", "api-3", "api-4", "nginx"], resources.Keys.Order());
        Assert.Equal("ReplicaGroup", resources["api"].GetProperty("resourceType").GetString());
        Assert.Equal("api", resources["api-1"].GetProperty("properties").GetProperty("resource.parentName").GetString());
        Assert.Equal("NotStarted", StateOf(resources["api-4"]));
        Assert.Equal("Healthy", resources["nginx"].GetProperty("healthStatus").GetString());
    }

    [CliFact]
    public async Task Describes_one_replica_and_its_process()
    {
        var answer = await _cli.RunAsync("describe", "api-1", "--format", "json");

        Assert.Equal(0, answer.ExitCode);
        var replica = Assert.Single(JsonElement.Parse(answer.Output).GetProperty("resources").EnumerateArray());
        using var process = System.Diagnostics.Process.GetProcessById(ProcessIdOf(replica));
        Assert.Equal("FlaskStack.Api", process.ProcessName);
    }

    [CliFact]
    public async Task Shows_what_a_replica_writes() =>
        Assert.Contains("Application started", await _cli.SucceedAsync("logs", "api-1"), StringComparison.Ordinal);

    [CliFact]
    public async Task Waits_for_the_group_and_for_nginx()
    {
        await _cli.SucceedAsync("wait", "api", "--timeout", "60");
        await _cli.SucceedAsync("wait", "nginx", "--timeout", "60");
    }

    [CliFact]
    public async Task Wait_gives_up_when_its_time_is_over() =>
        await FailAsync(WaitTimedOut, "Timed out waiting for resource 'api-4'", "wait", "api-4", "--timeout", "1");

    [CliFact]
    public async Task Restarts_one_replica()
    {
        var before = await _cli.DescribeAsync();

        await _cli.SucceedAsync("resource", "api-1", "restart");
        await _cli.SucceedAsync("wait", "api");

        var after = await _cli.DescribeAsync();
        Assert.NotEqual(ProcessIdOf(before["api-1"]), ProcessIdOf(after["api-1"]));
        Assert.Equal(ProcessIdOf(before["api-2"]), ProcessIdOf(after["api-2"]));
    }

    [CliFact]
    public async Task Stops_a_replica_and_starts_it_again()
    {
        await _cli.SucceedAsync("resource", "api-2", "stop");
        await _cli.SucceedAsync("wait", "api-2", "--status", "down");
        Assert.Equal("Finished", StateOf((await _cli.DescribeAsync())["api-2"]));

        await _cli.SucceedAsync("resource", "api-2", "start");
        await _cli.SucceedAsync("wait", "api-2");
    }

    [CliFact]
    public async Task Reload_replaces_every_replica_and_tells_so_in_the_console_of_the_group()
    {
        var before = await _cli.DescribeAsync();

        await _cli.SucceedAsync("resource", "api", "reload");

        var after = await _cli.DescribeAsync();
        foreach (var replica in new[] { "api-1", "api-2" })
        {
            Assert.NotEqual(ProcessIdOf(before[replica]), ProcessIdOf(after[replica]));
        }

        Assert.Contains("'api' is reloaded: 2 replaced", await _cli.SucceedAsync("logs", "api"), StringComparison.Ordinal);
    }

    [CliFact]
    public async Task Scales_the_group_up_and_down()
    {
        await _cli.SucceedAsync("resource", "api", "scale", "--count", "3");
        await _cli.SucceedAsync("wait", "api-3");

        await _cli.SucceedAsync("resource", "api", "scale", "--count", "2");
        await _cli.SucceedAsync("wait", "api-3", "--status", "down");
        await _cli.SucceedAsync("wait", "api");
    }

    [CliFact]
    public async Task Scale_refuses_a_wrong_count() =>
        await FailAsync(CommandFailed, "count must be a whole number from 1 to 4", "resource", "api", "scale", "--count", "9");

    [CliFact]
    public async Task Knows_no_resource_that_is_not_there()
    {
        await FailAsync(CommandFailed, "Resource 'nobody' not found", "resource", "nobody", "restart");
        await FailAsync(DescribeFailed, "Resource 'nobody' not found", "describe", "nobody");
        await FailAsync(WaitFailed, "Resource 'nobody' was not found", "wait", "nobody");
    }

    [CliFact]
    public async Task Knows_no_command_that_is_not_there() =>
        await FailAsync(CommandFailed, "Command 'dance' not available", "resource", "api", "dance");

    [CliFact]
    public async Task Sees_and_stops_an_AppHost_that_it_did_not_start()
    {
        using var cli = new RealCli();
        var environment = new Dictionary<string, string?>(cli.Environment) { ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true" };
        using var own = AppHostProcess.Start(environment, "--Nginx:Port=0", "--Api:Replicas=1");
        await own.WaitForOutputAsync("nginx listens on");

        Assert.Equal(own.Id, Assert.Single(await cli.GetAppHostsAsync()).GetProperty("appHostPid").GetInt32());

        await cli.SucceedAsync("stop");
        Assert.Equal(0, await own.WaitForExitAsync());
        Assert.Empty(await cli.GetAppHostsAsync());
    }

    private async Task FailAsync(int exitCode, string reason, params string[] arguments)
    {
        var answer = await _cli.RunAsync(arguments);
        Assert.Contains(reason, answer.Text, StringComparison.Ordinal);
        Assert.Equal(exitCode, answer.ExitCode);
    }

    private static string? StateOf(JsonElement resource) => resource.GetProperty("state").GetString();

    private static int ProcessIdOf(JsonElement resource) => resource.GetProperty("properties").GetProperty("executable.pid").GetInt32();
}
