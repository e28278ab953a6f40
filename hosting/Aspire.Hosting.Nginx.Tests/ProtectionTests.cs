using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Tests.Refusal;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Security headers, compression, maintenance and the access log, in the real nginx.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class ProtectionTests(NginxBinary binary)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("/name")]
    [InlineData("/none")]
    [InlineData("/health")]
    [InlineData("/echo")]
    public async Task Headers_protect_visitors_on_every_response(string path)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, static configuration => configuration with
        {
            Cors = Samples.AnyOrigin,
            ProblemDetails = true,
            SecurityHeaders = new() { ContentSecurityPolicy = "default-src 'self'" },
        });

        using var response = await nginx.SendAsync(HttpMethod.Get, path);

        foreach (var (header, expected) in new[]
        {
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "SAMEORIGIN"),
            ("Referrer-Policy", "strict-origin-when-cross-origin"),
            ("Content-Security-Policy", "default-src 'self'"),
            ("Access-Control-Allow-Origin", "*"),
        })
        {
            Assert.Equal(expected, Assert.Single(response.Headers.GetValues(header)));
        }
    }

    [Fact]
    public async Task What_a_resource_says_itself_goes_before()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, static configuration => configuration with { SecurityHeaders = new() });

        using var response = await nginx.SendAsync(HttpMethod.Get, "/framed");

        Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Theory]
    [InlineData("/download", true, true)]
    [InlineData("/headers", true, false)]
    [InlineData("/events", false, false)]
    [InlineData("/lines", false, false)]
    public async Task Compresses_texts_and_holds_back_no_stream(string path, bool ends, bool isBinary)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, static configuration => configuration with { Compression = new() });
        using var request = new HttpRequestMessage(HttpMethod.Get, path)
        {
            Headers = { { "Accept-Encoding", "gzip" }, { "X-Long", new string('x', 4000) } },
        };

        using var response = await nginx.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64];
        var read = await body.ReadAsync(buffer).AsTask().WaitAsync(Deadline);

        Assert.NotEqual(0, read);
        Assert.Equal(ends && !isBinary, response.Content.Headers.ContentEncoding.Contains("gzip"));
        if (!ends)
        {
            Assert.Contains("one", Encoding.UTF8.GetString(buffer, 0, read) + (path == "/lines" ? "one" : ""), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Asks_for_a_password_but_not_at_the_health_check()
    {
        using var page = new TemporaryFile("Who are you?");
        var builder = NginxApplication.CreateBuilder(binary);
        builder.Configuration["Parameters:password"] = "pass:word é";
        await using var upstream = await Upstream.StartAsync();
        var api = builder.AddResource(new FakeService("api"));
        var nginx = builder.AddNginx("nginx")
            .WithReverseProxy("/", api)
            .WithErrorPage(page.Path, 401)
            .WithBasicAuth("editor", builder.AddParameter("password", secret: true));
        builder.OnBeforeStart((start, _) => ((ResourceNotificationService)start.Services.GetService(typeof(ResourceNotificationService))!)
            .PublishUpdateAsync(api.Resource, "api-one", row => FakeService.Row(row, KnownResourceStates.Running, upstream.Members)));
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        using var client = NginxApplication.Client(nginx.Resource.PrimaryEndpoint.Url);

        foreach (var wrong in new[] { null, "editor:pass", "other:pass:word é" })
        {
            using var refused = await AskAsync(wrong);
            Assert.Equal((HttpStatusCode.Unauthorized, "Who are you?"), (refused.StatusCode, await refused.Content.ReadAsStringAsync()));
            Assert.Equal("Basic", Assert.Single(refused.Headers.WwwAuthenticate).Scheme);
        }

        using var admitted = await AskAsync("editor:pass:word é");
        Assert.Equal(HttpStatusCode.OK, admitted.StatusCode);
        Assert.DoesNotContain("Authorization", await admitted.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await application.StopAsync().WaitAsync(Deadline);

        async Task<HttpResponseMessage> AskAsync(string? credentials)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/headers");
            request.Headers.Authorization = credentials is null
                ? null
                : new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
            return await client.SendAsync(request);
        }
    }

    [Fact]
    public async Task Maintenance_answers_clients_and_keeps_nginx_healthy()
    {
        using var page = new TemporaryFile("We are back soon.");
        await using var upstream = await Upstream.StartAsync();
        var builder = NginxApplication.CreateBuilder(binary);
        var nginx = builder.AddNginx("nginx")
            .WithReverseProxy("/", builder.AddResource(new FakeService("api")))
            .WithErrorPage(page.Path, 503)
            .WithAccessLog();
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        using var client = NginxApplication.Client(nginx.Resource.PrimaryEndpoint.Url);

        Assert.True((await CommandAsync("maintenance-on")).Success);
        Assert.Equal(("60", "We are back soon."), await WaitForAsync(HttpStatusCode.ServiceUnavailable));

        using (var health = await client.GetAsync(new Uri(NginxConfiguration.HealthPath, UriKind.Relative)))
        {
            Assert.Equal((HttpStatusCode.OK, null), (health.StatusCode, health.Headers.RetryAfter));
        }

        var shown = await CommandAsync("show-config");
        Assert.Contains("in_maintenance", shown.Data?.Value, StringComparison.Ordinal);

        // Nothing is behind nginx.
        Assert.True((await CommandAsync("maintenance-off")).Success);
        await WaitForAsync(HttpStatusCode.BadGateway);

        var line = await LineAsync("GET /name HTTP/1.1\" 503");
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
        await application.StopAsync().WaitAsync(Deadline);

        Task<ExecuteCommandResult> CommandAsync(string name) =>
            application.ResourceCommands.ExecuteCommandAsync("nginx", name).WaitAsync(Deadline);

        // A worker from before the reload may answer once more.
        async Task<(string? RetryAfter, string Body)> WaitForAsync(HttpStatusCode expected)
        {
            using var deadline = new CancellationTokenSource(Deadline);
            while (true)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/name?secret=7") { Headers = { ConnectionClose = true } };
                using var response = await client.SendAsync(request, deadline.Token);
                if (response.StatusCode == expected)
                {
                    return (response.Headers.RetryAfter?.ToString(), await response.Content.ReadAsStringAsync(deadline.Token));
                }
            }
        }

        async Task<string> LineAsync(string text)
        {
            using var deadline = new CancellationTokenSource(Deadline);
            var logs = (ResourceLoggerService)application.Services.GetService(typeof(ResourceLoggerService))!;
            var row = await application.ResourceNotifications.WaitForResourceAsync("nginx", static _ => true).WaitAsync(Deadline);
            await foreach (var batch in logs.WatchAsync(row.ResourceId).WithCancellation(deadline.Token))
            {
                if (batch.FirstOrDefault(line => line.Content.Contains(text, StringComparison.Ordinal)).Content is { } found)
                {
                    return found;
                }
            }

            throw new InvalidOperationException("The log has ended.");
        }
    }

    [Fact]
    public void Refuses_what_cannot_be_a_header_or_a_level()
    {
        var nginx = TestApplication.CreateBuilder().AddNginx("nginx");

        AssertRefused(
            "\"a\nb\" cannot be a header", () => nginx.WithSecurityHeaders(headers => headers with { FrameOptions = "a\nb" }));
        AssertRefused("WithCompression: Level is 10", () => nginx.WithCompression(compression => compression with { Level = 10 }));
        AssertRefused("RequestsPerSecond is 0", () => nginx.WithRateLimit(0));
        AssertRefused("MaxBodySize is 0", () => nginx.WithMaxRequestBodySize(0));

        AssertRefused(
            "is no user name", () => nginx.WithBasicAuth("a:b", nginx.ApplicationBuilder.AddParameter("p", secret: true)));
        AssertRefused(
            "'q' with the password is no secret", () => nginx.WithBasicAuth("a", nginx.ApplicationBuilder.AddParameter("q")));
    }

    private Task<RunningNginx> StartAsync(Upstream upstream, Func<NginxConfiguration, NginxConfiguration> change) =>
        RunningNginx.StartAsync(binary, change(Samples.Minimal with { Listen = null }), upstream.Members);
}
