using System.Net.Sockets;
using System.Text;
using FlaskStack.Api;
using FlaskStack.TestApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Api;

/// <summary>The service on a port of its own and a Unix socket, in this process.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flaskstack-api-").FullName;

    private ApiHost()
    {
    }

    public WebApplication App { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public RecordedLogs Logs { get; } = new();

    public string SocketPath => Path.Combine(_folder, "api.sock");

    public Uri Address { get; private set; } = null!;

    public static Task<ApiHost> StartAsync(ServerApi? api = null, params string[] args) =>
        StartAsync(configure => ApiApplication.Build(args, configure), api);

    /// <summary>The same with the routes under <c>/testing</c>.</summary>
    public static Task<ApiHost> StartWithTestingAsync(params string[] args) =>
        StartAsync(configure => TestApiApplication.Build(args, configure), null);

    public HttpClient OverUnixSocket() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://api"),
    };

    public Task<HttpResponseMessage> PostAsync(string body, string contentType = "application/json") =>
        PostAsync(Encoding.UTF8.GetBytes(body), contentType);

    public async Task<HttpResponseMessage> PostAsync(byte[] body, string contentType = "application/json")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return await Client.PostAsync(new Uri("/server", UriKind.Relative), content);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await App.DisposeAsync();
        Logs.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<ApiHost> StartAsync(Func<Action<WebApplicationBuilder>, WebApplication> build, ServerApi? api)
    {
        var host = new ApiHost();
        host.App = build(builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0", $"http://unix:{host.SocketPath}");
            builder.Logging.ClearProviders().AddProvider(host.Logs);
            if (api is not null)
            {
                builder.Services.AddSingleton(api);
            }
        });
        await host.App.StartAsync();
        host.Address = new Uri(host.App.Urls.Single(url => !url.Contains("unix", StringComparison.Ordinal)));
        host.Client = new HttpClient { BaseAddress = host.Address };
        return host;
    }
}
