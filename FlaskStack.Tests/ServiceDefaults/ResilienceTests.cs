using System.Net;
using FlaskStack.ServiceDefaults.Resilience;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace FlaskStack.Tests.ServiceDefaults;

public sealed class ResilienceTests
{
    private static readonly Uri Target = new("http://api/");

    [Theory]
    [InlineData("GET", 3)]
    [InlineData("PUT", 3)]
    [InlineData("DELETE", 3)]
    [InlineData("POST", 1)]
    [InlineData("PATCH", 1)]
    public async Task Repeats_only_what_may_be_repeated(string method, int attempts)
    {
        using var client = Client(new() { Retries = 2, RetryDelay = TimeSpan.FromMilliseconds(10) }, (_, _) => Answer(HttpStatusCode.ServiceUnavailable), out var count);
        using var request = new HttpRequestMessage(new HttpMethod(method), Target);

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(attempts, count());
    }

    [Fact]
    public async Task Does_not_repeat_a_body_that_can_be_read_once()
    {
        using var client = Client(new() { RetryDelay = TimeSpan.FromMilliseconds(10) }, (_, _) => Answer(HttpStatusCode.BadGateway), out var count);
        using var content = new StreamContent(Stream.Null);

        using var response = await client.PutAsync(Target, content);

        Assert.Equal(1, count());
    }

    [Fact]
    public async Task Recovers_when_a_later_attempt_succeeds()
    {
        var failures = 2;
        using var client = Client(
            new() { RetryDelay = TimeSpan.FromMilliseconds(10) },
            (_, _) => failures-- > 0 ? throw new HttpRequestException("refused") : Answer(HttpStatusCode.OK),
            out var count);

        using var response = await client.GetAsync(Target);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(3, count());
    }

    [Fact]
    public async Task Gives_up_an_attempt_that_hangs()
    {
        using var client = Client(
            new() { Retries = 1, RetryDelay = TimeSpan.FromMilliseconds(10), AttemptTimeout = TimeSpan.FromMilliseconds(50) },
            async (_, cancellationToken) =>
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return new HttpResponseMessage();
            },
            out var count);

        await Assert.ThrowsAsync<TimeoutRejectedException>(() => client.GetAsync(Target));

        Assert.Equal(2, count());
    }

    [Fact]
    public async Task Stops_calling_a_destination_that_keeps_failing_but_not_others()
    {
        using var client = Client(
            new() { Retries = 0, BreakerMinimumAttempts = 2, BreakerFailureRatio = 1 },
            (request, _) => Answer(request.RequestUri!.Host == "api" ? HttpStatusCode.InternalServerError : HttpStatusCode.OK),
            out var count);
        using var first = await client.GetAsync(Target);
        using var second = await client.GetAsync(Target);

        await Assert.ThrowsAsync<BrokenCircuitException>(() => client.GetAsync(Target));
        using var other = await client.GetAsync(new Uri("http://other/"));

        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(3, count());
    }

    [Fact]
    public void Refuses_options_out_of_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpResilienceOptions { TotalTimeout = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpResilienceOptions { Retries = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpResilienceOptions { BreakerFailureRatio = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpResilienceOptions { BreakDuration = TimeSpan.FromDays(2) });
    }

    private static Task<HttpResponseMessage> Answer(HttpStatusCode status) => Task.FromResult(new HttpResponseMessage(status));

    private static HttpClient Client(HttpResilienceOptions options, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer, out Func<int> attempts)
    {
        var handler = new CountingHandler(answer);
        attempts = () => handler.Attempts;
        var services = new ServiceCollection();
        services.AddHttpClient("test").ConfigurePrimaryHttpMessageHandler(() => handler).AddStandardResilienceHandler(options);
        return services.BuildServiceProvider().GetRequiredService<IHttpClientFactory>().CreateClient("test");
    }

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
