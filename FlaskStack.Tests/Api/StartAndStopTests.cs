using System.Diagnostics;
using System.Text.Json;
using FlaskStack.Api;
using FlaskStack.Api.Configuration;

namespace FlaskStack.Tests.Api;

public sealed class StartAndStopTests
{
    [Theory]
    [InlineData("Api:MaxBodyBytes", "0")]
    [InlineData("Api:MaxBodyBytes", "-1")]
    [InlineData("Api:MaxBodyBytes", "abc")]
    [InlineData("Api:DrainSeconds", "-1")]
    [InlineData("Api:KeepAliveSeconds", "0")]
    [InlineData("ForwardedHeaders:TrustedProxies", "1.2.3")]
    [InlineData("ForwardedHeaders:TrustedProxies", "10.0.0.0/99")]
    [InlineData("ForwardedHeaders:TrustedProxies", "localhost")]
    public void Names_the_setting_that_cannot_be_used(string key, string value)
    {
        var exception = Assert.ThrowsAny<Exception>(() => ApiApplication.Build([$"--{key}={value}"]));

        var line = StartError.Describe(exception);
        Assert.Contains(key, line, StringComparison.Ordinal);
        Assert.Contains($"'{value}'", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_in_one_line_why_it_does_not_start()
    {
        using var process = Start("--Api:MaxBodyBytes=abc");

        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.Equal("FlaskStack.Api cannot start: Api:MaxBodyBytes is 'abc': give a whole number from 1 to 1073741824.", error.Trim());
    }

    [Fact]
    public async Task Finishes_open_requests_before_it_stops()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await ApiHost.StartAsync(new WaitingApi(entered, release.Task));
        var request = host.PostAsync("""{"data":1}""");
        await entered.Task;

        var stopping = host.App.StopAsync();
        host.App.Lifetime.ApplicationStopping.WaitHandle.WaitOne();
        Assert.False(stopping.IsCompleted);
        release.SetResult();
        using var response = await request;
        await stopping;

        Assert.Equal("done", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Exits_with_0_after_a_stop_signal()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var process = Start("--urls=http://127.0.0.1:0");
        using var client = new HttpClient { BaseAddress = await AddressAsync(process, deadline.Token) };
        Assert.Equal("Hello World!", await client.GetStringAsync(new Uri("/", UriKind.Relative), deadline.Token));

        await Signals.SendAsync("TERM", process.Id);
        var rest = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);

        Assert.Equal(0, process.ExitCode);
        Assert.Contains("shutting down", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listens_where_its_urls_say_and_not_at_the_ports_of_an_image()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var folder = Directory.CreateTempSubdirectory("flaskstack-api-");
        var socket = Path.Combine(folder.FullName, "api-1.sock");
        using var process = Start([], ("ASPNETCORE_URLS", $"http://127.0.0.1:0;http://unix:{socket}"), ("ASPNETCORE_HTTP_PORTS", "18778"));

        var tcp = await AddressAsync(process, deadline.Token);
        var unix = await AddressAsync(process, deadline.Token);
        await Signals.SendAsync("TERM", process.Id);
        var rest = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        folder.Delete(recursive: true);

        Assert.Equal("127.0.0.1", tcp.Host);
        Assert.NotEqual(18778, tcp.Port);
        Assert.EndsWith(socket, unix.OriginalString, StringComparison.Ordinal);
        Assert.DoesNotContain("Now listening", rest, StringComparison.Ordinal);
    }

    private static Process Start(params string[] args) => Start(args, []);

    private static Process Start(string[] args, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "FlaskStack.Api.dll"), .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static async Task<Uri> AddressAsync(Process process, CancellationToken cancellationToken)
    {
        const string marker = "Now listening on: ";
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            var position = line.IndexOf(marker, StringComparison.Ordinal);
            if (position >= 0)
            {
                return new Uri(line[(position + marker.Length)..].Trim());
            }
        }

        throw new InvalidOperationException("The service ended before it listened.");
    }

    private sealed class WaitingApi(TaskCompletionSource entered, Task release) : ServerApi
    {
        public override async ValueTask<object?> HandleAsync(JsonElement data, CancellationToken cancellationToken)
        {
            entered.SetResult();
            await release;
            return "done";
        }
    }
}
