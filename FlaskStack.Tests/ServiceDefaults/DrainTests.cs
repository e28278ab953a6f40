using System.Globalization;
using System.Net.Sockets;
using FlaskStack.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.ServiceDefaults;

/// <summary>A service on a Unix socket that is told to stop while clients are connected.</summary>
public sealed class DrainTests : IDisposable
{
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

    private async Task<WebApplication> StartAsync(double seconds)
    {
        var builder = WebApplication.CreateSlimBuilder([string.Create(CultureInfo.InvariantCulture, $"--Drain:Seconds={seconds}")]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://unix:{SocketPath}");
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
