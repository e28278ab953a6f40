using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FlaskStack.Tests.Graph;

[Collection(OwnGraphGroup.Name)]
public sealed class EndTests
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_stop_signal_lets_the_request_under_way_finish_and_leaves_nothing(string signal)
    {
        var port = GetFreePort();
        using var appHost = Start(port);
        await appHost.WaitForOutputAsync("nginx listens on");
        var processes = ProcessTree.GetTree(ProcessTree.GetOrchestrator(appHost.Id));
        using var request = await BeginSlowRequestAsync(port);

        await SendAsync(signal, appHost.Id);

        Assert.Contains("waited", await ReadToEndAsync(request), StringComparison.Ordinal);
        Assert.Equal(0, await appHost.WaitForExitAsync());
        await ProcessTree.WaitForExitAsync(processes);
    }

    [Fact]
    public async Task A_killed_AppHost_takes_all_its_processes_along()
    {
        var port = GetFreePort();
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
        using var appHost = Start(GetFreePort());
        await appHost.WaitForOutputAsync("nginx listens on");
        var orchestrator = ProcessTree.GetOrchestrator(appHost.Id);
        var processes = ProcessTree.GetTree(orchestrator);

        await SendAsync("KILL", orchestrator);

        await appHost.WaitForExitAsync();
        Assert.Single(appHost.Output, line => line.Contains("The orchestrator's process", StringComparison.Ordinal));
        Assert.Empty(appHost.Errors);
        await ProcessTree.WaitForExitAsync(processes);
    }

    private static AppHostProcess Start(int port) => AppHostProcess.Start(
        string.Create(CultureInfo.InvariantCulture, $"--Nginx:Port={port}"),
        "--Api:Replicas=2");

    private static int GetFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // Two requests in one piece: once the first is answered, nginx is at the second.
    private static async Task<NetworkStream> BeginSlowRequestAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /testing/delay?ms=5000 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray());
        var buffer = new byte[4096];
        var received = string.Empty;
        while (!received.Contains("Hello World!", StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer).AsTask().WaitAsync(RunningGraph.Deadline);
            Assert.NotEqual(0, count);
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
