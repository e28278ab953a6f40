using System.Collections.Concurrent;
using System.Net;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>How the real nginx divides requests between two targets.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class CanaryTests(NginxBinary binary)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(25, 60, 190)]
    [InlineData(100, 500, 500)]
    public async Task A_share_of_the_requests_goes_to_the_canary(double percent, int least, int most)
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await RunningNginx.StartAsync(binary, Split(percent, isSticky: false), Both(one, two));
        var canary = 0;

        for (var request = 0; request < 500; request++)
        {
            canary += await nginx.Client.GetStringAsync("/p/name") == "two" ? 1 : 0;
        }

        Assert.InRange(canary, least, most);
    }

    [Fact]
    public async Task A_client_stays_with_its_target_when_the_share_grows()
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await RunningNginx.StartAsync(binary, Split(30, isSticky: true), Both(one, two));
        var first = await AskAsync();

        Assert.Equal(first, await AskAsync());
        Assert.Null(await nginx.ReloadAsync(
            _ => Split(60, isSticky: true) with { Listen = new(nginx.Port, ["127.0.0.1"]) }, Both(one, two)));
        string[] second;
        using var deadline = new CancellationTokenSource(Deadline);
        while ((second = await AskAsync()).SequenceEqual(first))
        {
            deadline.Token.ThrowIfCancellationRequested();
        }

        Assert.Equal(["one", "two"], first.Distinct().Order());
        Assert.All(first.Zip(second), pair => Assert.False(pair is { First: "two", Second: "one" }));
        Assert.Contains(("one", "one"), first.Zip(second));

        async Task<string[]> AskAsync()
        {
            var answers = new string[60];
            for (var client = 0; client < answers.Length; client++)
            {
                using var response = await nginx.SendAsync(HttpMethod.Get, "/p/name", ("User-Agent", $"client/{client}"));
                answers[client] = await response.Content.ReadAsStringAsync();
            }

            return answers;
        }
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("APPROVE")]
    public async Task A_failed_request_of_the_canary_stays_with_its_members(string method)
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await RunningNginx.StartAsync(
            binary,
            Split(100, isSticky: false),
            Samples.Api(one.Address),
            new NginxUpstream("canary", "http", ["unix:/nowhere/1.sock", "unix:/nowhere/2.sock", two.Address]));

        for (var request = 0; request < 4; request++)
        {
            using var passed = await nginx.SendAsync(new(method), "/p/any-method");
            using var failed = await nginx.SendAsync(new(method), "/p/aborts");
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadGateway), (passed.StatusCode, failed.StatusCode));
        }

        Assert.Equal((0, true), (one.Aborted, two.Aborted >= 4));
    }

    [Fact]
    public async Task A_canary_without_members_gets_nothing()
    {
        await using var one = await Upstream.StartAsync("one");
        await using var nginx = await RunningNginx.StartAsync(
            binary, Split(100, isSticky: false), Samples.Api(one.Address), new NginxUpstream("canary", "http", []));

        Assert.Equal("one", await nginx.Client.GetStringAsync("/p/name"));
    }

    [Fact]
    public async Task The_command_changes_the_share_and_fails_no_request()
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        var builder = NginxApplication.CreateBuilder(binary);
        var (api, next) = (builder.AddResource(new FakeService("api")), builder.AddResource(new FakeService("next")));
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", api).WithCanary("/", next, percent: 0);
        builder.OnBeforeStart(async (start, _) =>
        {
            await PublishAsync(start.Services, api.Resource, one);
            await PublishAsync(start.Services, next.Resource, two);
        });
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        using var client = NginxApplication.Client(nginx.Resource.PrimaryEndpoint.Url);
        var answers = new ConcurrentQueue<string>();
        using var stopping = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(_ => AskAsync()).ToArray();

        foreach (var percent in (string[])["50", "7.5", "100", "0", "100"])
        {
            var changed = await ExecuteAsync(percent, "/");
            Assert.True(changed.Success, changed.Message);
        }

        while (answers.Reverse().Take(50).Any(answer => answer != "two"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), new CancellationTokenSource(Deadline).Token);
        }

        await stopping.CancelAsync();
        await Task.WhenAll(clients);
        var shown = await application.ResourceNotifications
            .WaitForResourceAsync(
                "nginx",
                static change => change.Snapshot.Properties.Any(
                    static property => property is { Name: "nginx.canary /", Value: "100 % to next" }))
            .WaitAsync(Deadline);
        Assert.Equal(["one", "two"], answers.Distinct().Order());
        Assert.NotNull(shown);
        Assert.Contains("no share", (await ExecuteAsync("101", null)).Message, StringComparison.Ordinal);
        Assert.Contains("must be a number", (await ExecuteAsync("x", null)).Message, StringComparison.Ordinal);
        Assert.Equal("path must be one of /.", (await ExecuteAsync("1", "/x")).Message);
        await application.StopAsync().WaitAsync(Deadline);

        Task<ExecuteCommandResult> ExecuteAsync(string percent, string? path) => nginx.Resource.Annotations
            .OfType<ResourceCommandAnnotation>()
            .Single(command => command.Name == "canary-share")
            .ExecuteCommand(new()
            {
                Services = application.Services,
                ResourceName = "nginx",
                CancellationToken = CancellationToken.None,
                Logger = NullLogger.Instance,
                Arguments = new(
                [
                    new() { Name = "percent", InputType = InputType.Number, Value = percent },
                    new() { Name = "path", InputType = InputType.Text, Value = path },
                ]),
            });

        async Task AskAsync()
        {
            while (!stopping.IsCancellationRequested)
            {
                try
                {
                    answers.Enqueue(await client.GetStringAsync(new Uri("/name", UriKind.Relative)));
                }
                catch (HttpRequestException exception) when (exception.StatusCode is null)
                {
                    // An nginx older than 1.27.4 closes idle connections when it reloads: only what is answered is looked at.
                }
            }
        }
    }

    [Fact]
    public void Says_what_is_wrong_with_a_canary()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });
        var api = builder.AddResource(new FakeService("api"));
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", api);

        var other = builder.AddResource(new FakeService("other"));
        nginx.WithReverseProxy("/other", other);

        Assert.Equal("WithCanary: 'nginx' passes no path \"/x\" to a resource other than 'api'; add a route for it first.", Error("/x", 1));
        Assert.Contains("WithCanary: 100.5 is no share", Error("/other", 100.5), StringComparison.Ordinal);
        Assert.Contains("WithCanary: 0.001 is no share", Error("/other/{**rest}", 0.001), StringComparison.Ordinal);
        Assert.Contains("other than 'api'", Error("/", 1), StringComparison.Ordinal);

        string Error(string path, double percent) =>
            Assert.Throws<DistributedApplicationException>(() => nginx.WithCanary(path, api, percent)).Message;
    }

    private static NginxConfiguration Split(double percent, bool isSticky) => Samples.Minimal with
    {
        Listen = null,
        Routes = [new("/p", "api") { RemovedPrefix = "/p", Canary = new("canary", percent, isSticky) }],
    };

    private static NginxUpstream[] Both(Upstream one, Upstream two) => [Samples.Api(one.Address), new("canary", "http", [two.Address])];

    private static Task PublishAsync(IServiceProvider services, FakeService service, Upstream upstream) => services
        .GetRequiredService<ResourceNotificationService>()
        .PublishUpdateAsync(
            service,
            $"{service.Name}-one",
            snapshot => FakeService.Row(snapshot, KnownResourceStates.Running, upstream.Members));
}
