using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Processes;
using Aspire.Hosting.Nginx.Rendering;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>The real nginx with a rendered configuration, stopped and removed when done.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class RunningNginx : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly RunFolder _folder;
    private readonly NginxProcess _nginx;
    private readonly Process _process;
    private NginxConfiguration _configuration;

    private RunningNginx(NginxProcess nginx, RunFolder folder, NginxConfiguration configuration, Process process)
    {
        (_nginx, _folder, _configuration, _process) = (nginx, folder, configuration, process);
        Client = new HttpClient(new RepeatingHandler(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
        }))
        {
            BaseAddress = new Uri($"http://127.0.0.1:{configuration.Listen!.Port}"),
            Timeout = Deadline,
        };
    }

    public HttpClient Client { get; }

    public NginxConfiguration Configuration => _configuration;

    public int Port => _configuration.Listen!.Port;

    public string Folder => _folder.Paths.Folder;

    public static async Task<RunningNginx> StartAsync(
        NginxBinary binary, NginxConfiguration configuration, params NginxUpstream[] upstreams)
    {
        string[] addresses = ["127.0.0.1"];
        var workers = WorkerAccount.Complete(new() { Processes = 2, Connections = 1024 }, Environment.IsPrivilegedProcess);
        var folder = RunFolder.Create(WorkerAccount.Find(workers));
        configuration = configuration with
        {
            Listen = new(Ports.PickUnused(addresses), [.. addresses]),
            Version = binary.Version,
            Workers = workers,
        };
        var master = new NginxMaster(folder.Paths, TimeProvider.System);
        var process = await NginxProcess.PrepareAsync(
            binary.Location, folder, master, configuration, NullLogger.Instance, CancellationToken.None);
        configuration = process.Configuration;
        var rendered = NginxConfigRenderer.RenderWithOrigins(configuration, folder.Paths, upstreams);
        Assert.Null(await process.WriteAsync(rendered, CancellationToken.None));

        var arguments = NginxProcess.Arguments(binary.Version, folder.Paths, folder.Paths.ConfigurationFile);
        var start = new ProcessStartInfo(binary.Location.Path, arguments);
        foreach (var (name, value) in binary.Location.Environment)
        {
            start.Environment[name] = value;
        }

        var nginx = new RunningNginx(process, folder, configuration, Process.Start(start)!);
        await nginx.WaitUntilHealthyAsync();
        return nginx;
    }

    public async Task<string?> ReloadAsync(Func<NginxConfiguration, NginxConfiguration> change, params NginxUpstream[] upstreams)
    {
        _configuration = change(_configuration);
        _folder.WriteFiles(_configuration);
        var rendered = NginxConfigRenderer.RenderWithOrigins(_configuration, _folder.Paths, upstreams);
        return await _nginx.ReplaceAsync(rendered, CancellationToken.None)
            ?? (Native.Send(Native.Hangup, _process.Id) ? null : "It has ended.");
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return await Client.SendAsync(request);
    }

    /// <summary>Sends bytes as they are, which an HTTP client would not.</summary>
    public async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port);
        var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync().WaitAsync(Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Signals.QuitAsync(_process);

        _process.Dispose();
        _folder.Dispose();
    }

    /// <summary>Whether nginx listens yet is told by connecting to it alone.</summary>
    private async Task WaitUntilHealthyAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!deadline.IsCancellationRequested)
        {
            Assert.False(_process.HasExited, "nginx ended at once");
            try
            {
                using var response = await Client.GetAsync(NginxConfiguration.HealthPath, deadline.Token);
                Assert.Equal("healthy\n", await response.Content.ReadAsStringAsync(deadline.Token));
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Yield();
            }
        }

        Assert.Fail("nginx did not become healthy");
    }
}
