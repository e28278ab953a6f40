using System.Collections.Concurrent;
using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.Nginx.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>A small service on a Unix socket that says what it was sent.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class Upstream : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly DirectoryInfo _folder;
    private int _aborted;
    private int _asked;

    private Upstream(WebApplication application, DirectoryInfo folder, string address)
    {
        (_application, _folder) = (application, folder);
        Address = address;
        Members = new("api", "http", [Address]);
        application.Map("/aborts", Abort);
        application.Map("/aborts-once", AbortOnce);
    }

    public string Address { get; }

    public NginxUpstream Members { get; }

    /// <summary>Method, target and length of each request to one on a socket.</summary>
    public ConcurrentQueue<string> Seen { get; private init; } = [];

    /// <summary>The URL of one on a port.</summary>
    public string Url => $"http://{Address}";

    /// <summary>How many requests it ended without an answer.</summary>
    public int Aborted => _aborted;

    /// <summary>How many requests came to the path that ends the first one without an answer.</summary>
    public int Asked => _asked;

    public static async Task<Upstream> StartAsync(string name = "one")
    {
        var folder = Directory.CreateTempSubdirectory("upstream-");
        folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var socket = Path.Combine(folder.FullName, "s");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenUnixSocket(socket);
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        var application = builder.Build();
        application.UseWebSockets();
        var seen = new ConcurrentQueue<string>();
        application.Use((context, next) =>
        {
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            seen.Enqueue($"{context.Request.Method} {target} {context.Request.ContentLength}");
            return next(context);
        });
        application.Use((context, next) => context.Request.Headers.ContainsKey("X-Show") ? ShowTarget(context, name) : next(context));
        Map(application, name);
        var upstream = new Upstream(application, folder, $"unix:{socket}") { Seen = seen };
        await application.StartAsync();
        File.SetUnixFileMode(
            socket,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        return upstream;
    }

    /// <summary>The same on a port of its own.</summary>
    public static async Task<Upstream> StartTcpAsync(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        Map(application, name);
        application.MapGet($"/{name}/host", (HttpRequest request) => request.Host.ToString());
        await application.StartAsync();
        return new(application, Directory.CreateTempSubdirectory("upstream-"), application.Urls.Single()["http://".Length..]);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        if (_folder.Exists)
        {
            _folder.Delete(recursive: true);
            _folder.Refresh();
        }
    }

    /// <summary>The target of the request as it came.</summary>
    private static Task ShowTarget(HttpContext context, string name)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return context.Response.WriteAsync($"{name} {target} {context.Request.Headers["X-Forwarded-Prefix"]}\n");
    }

    private Task Abort(HttpContext context)
    {
        Interlocked.Increment(ref _aborted);
        context.Abort();
        return Task.CompletedTask;
    }

    private Task AbortOnce(HttpContext context)
    {
        if (Interlocked.Increment(ref _asked) == 1)
        {
            context.Abort();
        }

        return Task.CompletedTask;
    }

    private static void Map(WebApplication application, string name)
    {
        application.Map("/any-method", () => "any");
        application.MapGet("/name", () => name);
        application.MapGet("/headers", (HttpRequest request) =>
            Results.Json(request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString())));
        application.MapGet("/headers-too", (HttpContext context) =>
        {
            context.Response.Headers.XFrameOptions = "SAMEORIGIN";
            return Results.Json(context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()));
        });
        application.MapGet("/differs/status", () => Results.StatusCode(name == "one" ? 200 : 404));
        application.MapGet("/differs/length", () => Results.Text(name == "one" ? "a" : "bb"));
        application.MapGet("/own-cors", (HttpResponse response) =>
        {
            response.Headers.AccessControlAllowOrigin = "https://upstream.example";
            return "own";
        });
        application.MapGet("/framed", (HttpResponse response) =>
        {
            response.Headers.XFrameOptions = "DENY";
            return "framed";
        });
        var counted = 0;
        application.MapGet("/counted/{*control}", (HttpResponse response, string? control, string? cookie) =>
        {
            response.Headers.CacheControl = control;
            if (cookie is not null)
            {
                response.Cookies.Append("c", cookie);
            }

            return $"{Interlocked.Increment(ref counted)}";
        });
        application.MapGet("/slow", async (CancellationToken cancellationToken) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1.1), cancellationToken);
            return "slow";
        });
        application.MapGet("/fails", () => Results.Problem("It failed.", statusCode: 500));
        application.MapMethods("/options", ["OPTIONS"], () => "options of the upstream");
        application.MapPost("/echo", Echo);
        application.MapPost("/cookies", (HttpResponse response) =>
        {
            for (var index = 0; index < 5; index++)
            {
                response.Cookies.Append($"c{index}", new string('x', 4000));
            }

            return "cookies";
        });
        application.MapGet("/download", WriteDownloadAsync);
        application.MapGet("/events", (HttpContext context) => WriteTwiceAsync(context, "text/event-stream", "data: one\n\n"));
        application.MapGet("/lines", (HttpContext context) => WriteTwiceAsync(context, "application/x-ndjson", "{\"line\":1}\n"));
        application.MapPost("/duplex", async (HttpContext context) =>
        {
            var buffer = new byte[64];
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        });
        application.Map("/socket", async (HttpContext context) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[64];
            var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            if (received.Count == 1 && buffer[0] == '?')
            {
                received = new(1 + Encoding.ASCII.GetBytes(name, buffer.AsSpan(1)), received.MessageType, received.EndOfMessage);
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
            await socket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
    }

    /// <summary>Sends 64 MiB as fast as they are taken.</summary>
    private static async Task WriteDownloadAsync(HttpContext context)
    {
        var part = new byte[64 * 1024];
        for (var index = 0; index < 1024; index++)
        {
            await context.Response.Body.WriteAsync(part, context.RequestAborted);
        }
    }

    /// <summary>Sends a part, and no more until the client goes.</summary>
    private static async Task WriteTwiceAsync(HttpContext context, string type, string part)
    {
        context.Response.ContentType = type;
        await context.Response.WriteAsync(part, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task<IResult> Echo(HttpRequest request)
    {
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            return Results.Text($"{body.Length} bytes");
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == (int)HttpStatusCode.RequestEntityTooLarge)
        {
            return Results.Problem("The body is too large.", statusCode: exception.StatusCode);
        }
    }
}
