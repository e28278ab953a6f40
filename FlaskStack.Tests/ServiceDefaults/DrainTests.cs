using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FlaskStack.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.ServiceDefaults;

/// <summary>A service on a Unix socket that is told to stop while clients are connected.</summary>
public sealed partial class DrainTests : IDisposable
{
    /// <summary><c>F_SETFD</c>.</summary>
    private const int SetFlags = 2;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("drain-");
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string SocketPath => Path.Combine(_folder.FullName, "s");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Lets_a_request_finish_and_no_new_connection_in()
    {
        await using var app = await StartAsync(seconds: 60);
        using var client = Client();
        var slow = client.GetAsync(new Uri("/slow", UriKind.Relative));
        await _asked.Task.WaitAsync(Deadline);

        var stop = app.StopAsync();

        Assert.False(File.Exists(SocketPath));
        using var late = Client();
        await Assert.ThrowsAsync<HttpRequestException>(() => late.GetAsync(new Uri("/", UriKind.Relative)));
        _answer.SetResult();
        using var response = await slow.WaitAsync(Deadline);
        Assert.Equal("slow", await response.Content.ReadAsStringAsync());
        Assert.True(response.Headers.ConnectionClose);
        await stop.WaitAsync(Deadline);
    }

    [Fact]
    public async Task On_a_port_lets_a_request_finish_and_refuses_a_new_connection()
    {
        await using var app = await StartAsync(seconds: 60, url: "http://127.0.0.1:0");
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var slow = client.GetAsync(new Uri("/slow", UriKind.Relative));
        await _asked.Task.WaitAsync(Deadline);

        var stop = app.StopAsync();

        using var late = new HttpClient { BaseAddress = client.BaseAddress };
        await Assert.ThrowsAsync<HttpRequestException>(() => late.GetAsync(new Uri("/", UriKind.Relative)));
        _answer.SetResult();
        using var response = await slow.WaitAsync(Deadline);
        Assert.True(response.Headers.ConnectionClose);
        await stop.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Answers_on_a_kept_connection_once_more_and_stops_when_its_client_has_closed_it()
    {
        await using var app = await StartAsync(seconds: 60);
        using var client = Client();
        Assert.False((await client.GetAsync(new Uri("/", UriKind.Relative))).Headers.ConnectionClose ?? false);

        var stop = app.StopAsync();

        Assert.False(stop.IsCompleted);
        using var response = await client.PostAsync(new Uri("/", UriKind.Relative), new StringContent("sent while it stops"));
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        Assert.True(response.Headers.ConnectionClose);
        await stop.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Waits_no_longer_than_it_may_for_a_client_that_keeps_an_idle_connection()
    {
        await using var app = await StartAsync(seconds: 0.2);
        using var client = Client();
        await client.GetStringAsync(new Uri("/", UriKind.Relative));

        await app.StopAsync().WaitAsync(Deadline);

        Assert.Equal(0, app.Services.GetRequiredService<OpenConnections>().Count);
    }

    [Fact]
    public async Task Stops_at_once_when_nobody_is_connected()
    {
        await using var app = await StartAsync(seconds: 3600);
        using (var client = Client())
        {
            await client.GetStringAsync(new Uri("/", UriKind.Relative));
        }

        await app.StopAsync().WaitAsync(Deadline);
    }

    [Fact]
    public async Task On_a_socket_of_systemd_a_new_connection_waits_for_the_next_process()
    {
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(SocketPath));
        systemd.Listen();
        // As systemd passes it: other processes have the same socket, which .NET must not shut down.
        Assert.Equal(0, Control((int)systemd.Handle, SetFlags, 0));
        await using var app = await StartAsync(seconds: 60, systemd);
        using var client = Client();
        var slow = client.GetAsync(new Uri("/slow", UriKind.Relative));
        await _asked.Task.WaitAsync(Deadline);

        var stop = app.StopAsync();
        using var late = Client();
        var waiting = late.PostAsync(new Uri("/", UriKind.Relative), new StringContent("sent while it stops"));
        _answer.SetResult();
        using var response = await slow.WaitAsync(Deadline);
        await stop.WaitAsync(Deadline);

        Assert.True(response.Headers.ConnectionClose);
        Assert.True(File.Exists(SocketPath));
        Assert.False(waiting.IsCompleted);
        await using var next = await StartAsync(seconds: 0, systemd);
        Assert.Equal("hello", await (await waiting.WaitAsync(Deadline)).Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("3601")]
    [InlineData("soon")]
    public void Names_the_setting_that_is_wrong(string value)
    {
        var builder = WebApplication.CreateSlimBuilder([$"--Drain:Seconds={value}"]);

        var error = Assert.Throws<InvalidDataException>(() => builder.AddServiceDefaults());

        Assert.Equal($"Drain:Seconds is '{value}': give a number of seconds from 0 to 3600.", error.Message);
    }

    private async Task<WebApplication> StartAsync(double seconds, Socket? systemd = null, string? url = null)
    {
        var builder = WebApplication.CreateSlimBuilder([string.Create(CultureInfo.InvariantCulture, $"--Drain:Seconds={seconds}")]);
        builder.Logging.ClearProviders();
        if (systemd is null)
        {
            builder.WebHost.UseUrls(url ?? $"http://unix:{SocketPath}");
        }
        else
        {
            builder.Services.PostConfigure<KestrelServerOptions>(kestrel => kestrel.ListenHandle((ulong)systemd.Handle));
        }

        builder.AddServiceDefaults();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Deadline);
        var app = builder.Build();
        app.Map("/", (HttpContext context) => context.Response.WriteAsync("hello"));
        app.Map("/slow", async (HttpContext context) =>
        {
            _asked.SetResult();
            await _answer.Task;
            await context.Response.WriteAsync("slow");
        });
        await app.StartAsync();
        return app;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int file, int command, int argument);

    private HttpClient Client() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = new Uri("http://service"),
        Timeout = Deadline,
    };
}
