using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace FlaskStack.Tests.ServiceDefaults;

/// <summary>What a client made by <see cref="IHttpClientFactory"/> does once the defaults are added.</summary>
public sealed class HttpClientTests
{
    private static readonly Uri Target = new("http://127.0.0.1:1/");

    [Theory]
    [InlineData("GET", 3)]
    [InlineData("HEAD", 3)]
    [InlineData("POST", 1)]
    [InlineData("PATCH", 1)]
    [InlineData("PUT", 1)]
    [InlineData("DELETE", 1)]
    public async Task Retries_only_safe_methods(string method, int attempts)
    {
        var handler = new CountingHandler((_, _) => Answer(HttpStatusCode.ServiceUnavailable));
        await using var app = Build(handler, options => options.Retry.MaxRetryAttempts = 2);
        using var request = new HttpRequestMessage(new HttpMethod(method), Target);

        using var response = await Client(app).SendAsync(request);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(attempts, handler.Attempts);
    }

    [Fact]
    public async Task Recovers_when_a_later_attempt_succeeds()
    {
        var failures = 2;
        var handler = new CountingHandler((_, _) => failures-- > 0 ? throw new HttpRequestException("refused") : Answer(HttpStatusCode.OK));
        await using var app = Build(handler);

        using var response = await Client(app).GetAsync(Target);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(3, handler.Attempts);
    }

    [Fact]
    public async Task Gives_up_an_attempt_that_hangs()
    {
        var handler = new CountingHandler(async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return new HttpResponseMessage();
        });
        await using var app = Build(handler, options =>
        {
            options.Retry.MaxRetryAttempts = 1;
            options.AttemptTimeout.Timeout = TimeSpan.FromMilliseconds(50);
        });

        await Assert.ThrowsAsync<TimeoutRejectedException>(() => Client(app).GetAsync(Target));

        Assert.Equal(2, handler.Attempts);
    }

    [Fact]
    public async Task Stops_calling_a_destination_that_keeps_failing_but_not_others()
    {
        var handler = new CountingHandler((request, _) => Answer(request.RequestUri!.Port == Target.Port ? HttpStatusCode.InternalServerError : HttpStatusCode.OK));
        await using var app = Build(handler, options =>
        {
            options.CircuitBreaker.MinimumThroughput = 2;
            options.CircuitBreaker.FailureRatio = 1;
        });
        using var content = new StringContent("");
        using var first = await Client(app).PostAsync(Target, content);
        using var second = await Client(app).PostAsync(Target, content);

        await Assert.ThrowsAsync<BrokenCircuitException>(() => Client(app).PostAsync(Target, content));
        using var other = await Client(app).GetAsync(new Uri("http://127.0.0.1:2/"));

        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(3, handler.Attempts);
    }

    [Theory]
    [InlineData("http", "http://127.0.0.1:5001", "https+http://catalog/items", "http://127.0.0.1:5001/items")]
    [InlineData("https", "https://127.0.0.1:5002", "https+http://catalog/items", "https://127.0.0.1:5002/items")]
    [InlineData("admin", "http://127.0.0.1:5003", "http://_admin.catalog/items", "http://127.0.0.1:5003/items")]
    public async Task Resolves_a_service_by_its_name(string endpoint, string address, string asked, string reached)
    {
        Uri? called = null;
        var handler = new CountingHandler((request, _) =>
        {
            called = request.RequestUri;
            return Answer(HttpStatusCode.OK);
        });
        await using var app = Build(handler, args: $"--services:catalog:{endpoint}:0={address}");

        using var response = await Client(app).GetAsync(new Uri(asked));

        Assert.Equal(new Uri(reached), called);
    }

    private static Task<HttpResponseMessage> Answer(HttpStatusCode status) => Task.FromResult(new HttpResponseMessage(status));

    private static WebApplication Build(CountingHandler handler, Action<HttpStandardResilienceOptions>? configure = null, params string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults();
        builder.Services.AddHttpClient("test").ConfigurePrimaryHttpMessageHandler(() => handler);
        builder.Services.ConfigureAll<HttpStandardResilienceOptions>(options =>
        {
            options.Retry.Delay = TimeSpan.FromMilliseconds(10);
            configure?.Invoke(options);
        });
        return builder.Build();
    }

    private static HttpClient Client(WebApplication app) => app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("test");

    private sealed class CountingHandler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        public int Attempts { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Attempts++;
            return answer(request, cancellationToken);
        }
    }
}
