using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FlaskStack.Tests.Graph;

[Collection(OwnGraphGroup.Name)]
public sealed class EndTests
{
    /// <summary>On a busy machine too; nginx would have three times as long.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(6);

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_stop_signal_lets_the_request_under_way_finish_and_leaves_nothing(string signal)
    {
        var port = FreePort.Pick();
        using var appHost = Start(port);
        await appHost.WaitForOutputAsync("nginx listens on");
        var processes = ProcessTree.GetTree(ProcessTree.GetOrchestrator(appHost.Id));
        using var request = await BeginSlowRequestAsync(port);

        await SendAsync(signal, appHost.Id);

        Assert.Contains("waited", await ReadToEndAsync(request), StringComparison.Ordinal);
        Assert.Equal(0, await appHost.WaitForExitAsync());
        await ProcessTree.WaitForExitAsync(processes);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_second_stop_signal_ends_everything_at_once_and_leaves_nothing(string signal, int code)
    {
        var port = FreePort.Pick();
        using var appHost = Start(port);
        await appHost.WaitForOutputAsync("nginx listens on");
        var processes = ProcessTree.GetTree(ProcessTree.GetOrchestrator(appHost.Id));
        using var request = await BeginSlowRequestAsync(port, milliseconds: 60_000);

        await SendAsync(signal, appHost.Id);
        await appHost.WaitForOutputAsync("Stopping nginx, then api-1, api-2.");
        await appHost.WaitForOutputAsync("Still awaited: nginx.");
        var watch = Stopwatch.StartNew();
        await SendAsync(signal, appHost.Id);

        Assert.Equal(code, await appHost.WaitForExitAsync());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, AtOnce);
        Assert.Empty(appHost.Errors);
        await ProcessTree.WaitForExitAsync(processes);
    }

    [Fact]
    public async Task A_killed_AppHost_takes_all_its_processes_along()
    {
        var port = FreePort.Pick();
        using var appHost = Start(port);
        await appHost.WaitForOutputAsync("nginx listens on");
        var processes = ProcessTree.GetTree(ProcessTree.GetOrchestrator(appHost.Id));

        await SendAsync("KILL", appHost.Id);

        await appHost.WaitForExitAsync();
        await ProcessTree.WaitForExitAsync(processes);
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
    }

    [Fact]
    public async Task A_killed_orchestrator_ends_the_AppHost_with_one_line_and_leaves_nothing()
    {
        using var appHost = Start(FreePort.Pick());
        await appHost.WaitForOutputAsync("nginx listens on");
        var orchestrator = ProcessTree.GetOrchestrator(appHost.Id);
        var processes = ProcessTree.GetTree(orchestrator);

        await SendAsync("KILL", orchestrator);

        await appHost.WaitForExitAsync();
        Assert.Single(appHost.Output, line => line.Contains("The orchestrator (dcp run-controllers", StringComparison.Ordinal));
        Assert.Empty(appHost.Errors);
        await ProcessTree.WaitForExitAsync(processes);
    }

    private static AppHostProcess Start(int port) => AppHostProcess.Start(
        string.Create(CultureInfo.InvariantCulture, $"--Nginx:Port={port}"),
        "--Api:Replicas=2",
        RunningGraph.TestApiSetting);

    // Two requests in one piece: once the first is answered, nginx is at the second.
    private static async Task<NetworkStream> BeginSlowRequestAsync(int port, int milliseconds = 5000)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
            + $"GET /testing/delay?ms={milliseconds} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")));
        var buffer = new byte[4096];
        var received = string.Empty;
        while (!received.Contains("Hello World!", StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer).AsTask().WaitAsync(RunningGraph.Deadline);
            Assert.True(count > 0, $"nginx closed the connection after this: {received}");
            received += System.Text.Encoding.ASCII.GetString(buffer, 0, count);
        }

        return stream;
    }

    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync().WaitAsync(RunningGraph.Deadline);
    }

    private static async Task SendAsync(string signal, int processId)
    {
        using var kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {processId}")]);
        await kill.WaitForExitAsync().WaitAsync(RunningGraph.Deadline);
        Assert.Equal(0, kill.ExitCode);
    }
}
