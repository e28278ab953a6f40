using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using OpenTelemetry.Exporter;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>nginx as a resource of an application that has a receiver.</summary>
[Collection(NginxGroup.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class TelemetryInAnApplicationTests(NginxBinary binary)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc, "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL")]
    [InlineData(OtlpExportProtocol.HttpProtobuf, "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL")]
    public async Task Tells_the_receiver_of_the_application(OtlpExportProtocol protocol, string key)
    {
        await using var receiver = await OtlpReceiver.StartAsync(protocol);
        await using var one = await Upstream.StartAsync("one");
        var builder = Builder();
        builder.Configuration[key] = receiver.Endpoint.ToString();
        builder.Configuration["AppHost:OtlpApiKey"] = OtlpReceiver.Key;
        var api = builder.AddResource(new FakeService("api"));
        var nginx = builder.AddNginx("nginx")
            .WithReverseProxy("/", api)
            .WithTelemetry(telemetry => telemetry with { ScrapeInterval = TimeSpan.FromSeconds(1) });
        await using var two = await Upstream.StartAsync("two");
        builder.OnBeforeStart(async (start, _) =>
        {
            await PublishAsync(start.Services, api.Resource, "api-one", one.Members);
            await PublishAsync(start.Services, api.Resource, "api-two", two.Members);
        });
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        var row = await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        using var client = ClientOf(nginx.Resource);

        // nginx's log tells of a member that has gone.
        await two.DisposeAsync();
        Assert.Equal("one", await client.GetStringAsync(new Uri("/name", UriKind.Relative)));
        Assert.Equal("one", await client.GetStringAsync(new Uri("/name", UriKind.Relative)));

        var (source, span) = await receiver.Spans.Reader.ReadAsync().AsTask().WaitAsync(Deadline);
        Assert.Equal("nginx", source.Attributes.Value("service.name"));
        Assert.Equal(row.ResourceId["nginx-".Length..], source.Attributes.Value("service.instance.id"));
        Assert.Equal("GET /", span.Name);
        Assert.Equal("api-one", span.Attributes.Value("nginx.upstream.member"));
        var record = await receiver.Logs.Reader.ReadAsync().AsTask().WaitAsync(Deadline);
        Assert.Equal("crit", record.Attributes.Value("nginx.log.level"));
        Assert.Equal("Critical", record.SeverityText);
        Assert.StartsWith($"connect() to {two.Address} failed", record.Body.StringValue, StringComparison.Ordinal);
        var metrics = await receiver.NextMetricsAsync(metrics => metrics.Any(metric => metric.Name == "http.server.request.duration"));
        Assert.Contains(metrics, metric => metric.Name == "nginx.connections");

        await application.StopAsync().WaitAsync(Deadline);
    }

    [Fact]
    public async Task Tells_at_the_end_what_was_not_told_yet()
    {
        await using var receiver = await OtlpReceiver.StartAsync(OtlpExportProtocol.Grpc);
        await using var one = await Upstream.StartAsync("one");
        var builder = Builder();
        builder.Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = receiver.Endpoint.ToString();
        builder.Configuration["AppHost:OtlpApiKey"] = OtlpReceiver.Key;
        var api = builder.AddResource(new FakeService("api"));
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", api);
        builder.OnBeforeStart((start, _) => PublishAsync(start.Services, api.Resource, "api-one", one.Members));
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        using var client = ClientOf(nginx.Resource);

        Assert.Equal("one", await client.GetStringAsync(new Uri("/name", UriKind.Relative)));
        await application.StopAsync().WaitAsync(Deadline);

        Assert.True(receiver.Spans.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Tells_nothing_where_nobody_listens_or_it_is_turned_off(bool isEnabled, bool hasReceiver)
    {
        var builder = Builder();
        builder.Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = hasReceiver ? "http://127.0.0.1:9" : null;
        var api = builder.AddResource(new FakeService("api"));
        builder.AddNginx("nginx").WithReverseProxy("/", api).WithTelemetry(telemetry => telemetry with { Enabled = isEnabled });
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        var row = await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);

        var file = (string)row.Snapshot.Properties.Single(property => property.Name == "nginx.config").Value!;
        var configuration = await File.ReadAllTextAsync(file);

        Assert.DoesNotContain("syslog", configuration, StringComparison.Ordinal);
        Assert.DoesNotContain("stub_status", configuration, StringComparison.Ordinal);
        Assert.Contains("proxy_set_header traceparent", configuration, StringComparison.Ordinal);
        await application.StopAsync().WaitAsync(Deadline);
    }

    private static HttpClient ClientOf(NginxResource nginx) =>
        new(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null })
        {
            BaseAddress = new Uri(nginx.PrimaryEndpoint.Url),
            Timeout = Deadline,
        };

    private static Task PublishAsync(IServiceProvider services, FakeService service, string row, NginxUpstream upstream) =>
        ((ResourceNotificationService)services.GetService(typeof(ResourceNotificationService))!)
            .PublishUpdateAsync(service, row, snapshot => FakeService.Row(snapshot, KnownResourceStates.Running, upstream));

    private IDistributedApplicationBuilder Builder() => NginxApplication.CreateBuilder(binary);
}
