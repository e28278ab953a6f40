using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;

namespace FlaskStack.Tests.Graph;

[Collection(OwnGraphGroup.Name)]
public sealed class SettingsTests
{
    [Theory]
    [InlineData("Api:Replicas", "0")]
    [InlineData("Api:Replicas", "-1")]
    [InlineData("Api:Replicas", "abc")]
    [InlineData("Api:Replicas", "1000")]
    [InlineData("Api:MaxReplicas", "1")]
    [InlineData("Api:MaxBodyBytes", "0")]
    [InlineData("Api:Executable", "/nowhere/api")]
    [InlineData("Nginx:Port", "99999")]
    [InlineData("Nginx:Port", "http")]
    [InlineData("Cors:AllowedOrigins", "shop.example")]
    [InlineData("Cors:AllowedOrigins", "https://shop.example/path")]
    public async Task A_setting_that_cannot_be_used_is_named_on_one_line_and_nothing_starts(string key, string value)
    {
        using var appHost = AppHostProcess.Start($"--{key}={value}");

        var exitCode = await appHost.WaitForExitAsync();

        Assert.Equal(1, exitCode);
        var line = Assert.Single(appHost.Errors, error => error.Length > 0);
        Assert.Contains(key, line, StringComparison.Ordinal);
        Assert.Contains($"'{value}'", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(255)]
    public async Task Too_few_open_files_are_named_on_one_line(int limit)
    {
        using var appHost = AppHostProcess.Start(
            new ProcessStartInfo("sh", ["-c", $"ulimit -n {limit}; exec \"$0\"", AppHostProcess.Executable]));

        Assert.Equal(1, await appHost.WaitForExitAsync());
        var line = Assert.Single(appHost.Errors, error => error.Length > 0);
        Assert.Contains($"may open {limit} files", line, StringComparison.Ordinal);
        Assert.Contains("ulimit -n", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_in_the_environment_of_the_AppHost_are_not_for_its_children()
    {
        var elsewhere = FreePort.Pick().ToString(CultureInfo.InvariantCulture);
        string[] ports =
        [
            "HTTP_PORTS", "HTTPS_PORTS", "HTTPS_PORT", "DOTNET_HTTP_PORTS",
            "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "ASPNETCORE_HTTPS_PORT",
        ];
        string[] urls = ["URLS", "DOTNET_URLS", "Kestrel__Endpoints__Image__Url", "KESTREL__ENDPOINTS__OTHER__URL"];
        var environment = ports.ToDictionary(name => name, string? (_) => elsewhere);
        foreach (var name in urls)
        {
            environment[name] = $"http://127.0.0.1:{elsewhere}";
        }

        using var appHost = AppHostProcess.Start(environment, RunningGraph.TestApiSetting, "--Nginx:Port=0", "--Api:Replicas=1");
        await appHost.WaitForOutputAsync("nginx listens on");

        var processes = ProcessTree.GetTree(ProcessTree.GetOrchestrator(appHost.Id));
        var replica = Assert.Single(processes, process => process.ProcessName.StartsWith("FlaskStack", StringComparison.Ordinal));
        var variables = await File.ReadAllTextAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{replica.Id}/environ"));
        Assert.Contains("ASPNETCORE_URLS=http://", variables, StringComparison.Ordinal);
        Assert.DoesNotContain(variables.Split('\0'), variable => variable.EndsWith(elsewhere, StringComparison.Ordinal));
        await Signals.SendAsync("TERM", appHost.Id);
        Assert.Equal(0, await appHost.WaitForExitAsync());
        await ProcessTree.WaitForExitAsync(processes);
    }

    [Fact]
    public async Task Settings_of_the_stack_reach_the_api_and_nginx()
    {
        await using var stack = await RunningGraph.StartAsync(
            "--Api:MaxBodyBytes=3000000",
            "--Cors:AllowedOrigins=https://Shop.Example:443/");
        using var client = stack.CreateClient();
        using var request =
            new HttpRequestMessage(HttpMethod.Post, "/server") { Content = JsonContent.Create(new { data = new string('x', 2_900_000) }) };
        request.Headers.Add("Origin", "https://shop.example");

        using var response = await client.SendAsync(request);
        using var tooLarge = await client.PostAsJsonAsync("/server", new { data = new string('x', 3_000_000) });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("https://shop.example", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
    }
}
