using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Tests.Echoing;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>gRPC through the real nginx.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class GrpcTests : IDisposable
{
    private readonly NginxBinary _binary;
    private readonly TemporaryFolder _folder = new();
    private readonly NginxTls _tls;

    public GrpcTests(NginxBinary binary)
    {
        _binary = binary;
        _tls = TestCertificate.CreateTls(_folder);
    }

    [Fact]
    public async Task A_call_keeps_its_host_its_status_and_its_trailers()
    {
        await using var service = await Service.StartAsync();
        await using var nginx = await StartAsync(Samples.Minimal with { Tls = _tls }, service.Address);
        using var channel = Channel($"https://127.0.0.1:{_tls.Listen.Port}");
        var client = new Echo.EchoClient(channel);

        using var call = client.OnceAsync(new Text { Value = "headers" }, new Metadata { { "x-forwarded-for", "6.6.6.6" } });
        var headers = (await call.ResponseAsync).Value;
        Assert.Contains($"host=127.0.0.1:{_tls.Listen.Port};", headers, StringComparison.Ordinal);
        Assert.Contains("x-forwarded-for=127.0.0.1;", headers, StringComparison.Ordinal);
        Assert.Contains("x-forwarded-proto=https;", headers, StringComparison.Ordinal);
        Assert.Equal("there", call.GetTrailers().GetValue("trailer"));

        var error = await Assert.ThrowsAsync<RpcException>(async () => await client.OnceAsync(new Text { Value = "fail" }));
        Assert.Equal((StatusCode.FailedPrecondition, "It failed."), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task A_duplex_stream_passes_part_by_part_beyond_the_limits_of_bodies()
    {
        await using var service = await Service.StartAsync();
        var limits = new NginxRequestLimits { MaxBodySize = 64 * 1024, LargeBodies = 1, LargeBodiesPerClient = 1 };
        await using var nginx = await StartAsync(
            Samples.Minimal with
            {
                Tls = _tls,
                Limits = limits,
                Timeouts = new() { ClientBody = TimeSpan.FromSeconds(1), ProxyRead = TimeSpan.FromSeconds(1) },
            },
            service.Address);
        using var channel = Channel($"https://127.0.0.1:{_tls.Listen.Port}");
        var client = new Echo.EchoClient(channel);

        using var first = client.Duplex();
        using var second = client.Duplex();
        foreach (var stream in new[] { first, second, first, second })
        {
            // As long as no timeout of a body or a response holds.
            await Task.Delay(TimeSpan.FromSeconds(0.6));
            await stream.RequestStream.WriteAsync(new Text { Value = new string('x', 50_000) });
            Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)));
            Assert.Equal(50_000, stream.ResponseStream.Current.Value.Length);
        }

        await first.RequestStream.CompleteAsync();
        Assert.False(await first.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(StatusCode.OK, first.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_member_that_is_down_costs_no_call()
    {
        await using var one = await Service.StartAsync();
        await using var two = await Service.StartAsync();
        await using var nginx = await StartAsync(Samples.Minimal with { Tls = _tls }, one.Address, two.Address);
        using var channel = Channel($"https://127.0.0.1:{_tls.Listen.Port}");
        var client = new Echo.EchoClient(channel);
        await one.DisposeAsync();

        for (var index = 0; index < 20; index++)
        {
            Assert.Equal("hello", (await client.OnceAsync(new Text { Value = "hello" })).Value);
        }

        await two.DisposeAsync();
        var error = await Assert.ThrowsAsync<RpcException>(async () => await client.OnceAsync(new Text { Value = "hello" }));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    [Fact]
    public async Task Without_TLS_a_new_nginx_speaks_both_versions_on_one_port()
    {
        await using var service = await Service.StartAsync();
        await using var nginx = await StartAsync(Samples.Minimal, service.Address);
        using var channel = Channel($"http://127.0.0.1:{nginx.Port}");
        var call = async () => (await new Echo.EchoClient(channel).OnceAsync(new Text { Value = "hello" })).Value;

        Assert.Equal("healthy\n", await nginx.Client.GetStringAsync(new Uri(NginxConfiguration.HealthPath, UriKind.Relative)));
        if (_binary.Version >= new Version(1, 25, 1))
        {
            Assert.Equal("hello", await call());
        }
        else
        {
            await Assert.ThrowsAsync<RpcException>(call);
        }
    }

    public void Dispose() => _folder.Dispose();

    private Task<RunningNginx> StartAsync(NginxConfiguration configuration, params string[] members) =>
        RunningNginx.StartAsync(_binary, configuration with { Listen = null }, Samples.Api(members) with { IsHttp2 = true });

    private static GrpcChannel Channel(string url) => GrpcChannel.ForAddress(url, new()
    {
        HttpHandler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => TestCertificate.IsOurs(certificate) },
        },
        DisposeHttpClient = true,
    });

    private sealed class Service(WebApplication application, DirectoryInfo folder, string address) : IAsyncDisposable
    {
        public string Address => address;

        public static async Task<Service> StartAsync()
        {
            var folder = Directory.CreateTempSubdirectory("upstream-");
            folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
            var socket = Path.Combine(folder.FullName, "s");
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.Services.AddGrpc();
            builder.WebHost.ConfigureKestrel(
                kestrel => kestrel.ListenUnixSocket(socket, static listen => listen.Protocols = HttpProtocols.Http2));
            var application = builder.Build();
            application.MapGrpcService<EchoService>();
            await application.StartAsync();
            File.SetUnixFileMode(socket, (UnixFileMode)0x1B6);
            return new(application, folder, $"unix:{socket}");
        }

        public async ValueTask DisposeAsync()
        {
            await application.DisposeAsync();
            folder.Refresh();
            if (folder.Exists)
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private sealed class EchoService : Echo.EchoBase
    {
        public override Task<Text> Once(Text request, ServerCallContext context)
        {
            context.ResponseTrailers.Add("trailer", "there");
            var http = context.GetHttpContext().Request;
            return request.Value switch
            {
                "fail" => throw new RpcException(new Status(StatusCode.FailedPrecondition, "It failed.")),
                "headers" => Task.FromResult(new Text
                {
                    Value = $"host={http.Host};"
                        + string.Concat(http.Headers.Select(static header => $"{header.Key.ToLowerInvariant()}={header.Value};")),
                }),
                _ => Task.FromResult(request),
            };
        }

        public override async Task Duplex(
            IAsyncStreamReader<Text> requestStream, IServerStreamWriter<Text> responseStream, ServerCallContext context)
        {
            await foreach (var text in requestStream.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(text, context.CancellationToken);
            }
        }
    }
}
