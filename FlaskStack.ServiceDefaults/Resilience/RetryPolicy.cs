using System.Net;
using System.Net.Http.Json;
using Polly;
using Polly.Timeout;

namespace FlaskStack.ServiceDefaults.Resilience;

/// <summary>What counts as a passing failure, and which calls may be repeated.</summary>
internal static class RetryPolicy
{
    /// <summary>Whether the failure may pass: no answer, or one that says so (408, 429, 5xx).</summary>
    /// <param name="outcome">How the attempt ended.</param>
    /// <returns><see langword="true"/> when another attempt may do better.</returns>
    public static bool IsTransient(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        { Result.StatusCode: HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError } => true,
        _ => false,
    };

    /// <summary>Whether sending the request twice does the same as once, and its body can be sent twice.</summary>
    /// <param name="request">The request.</param>
    /// <returns><see langword="true"/> when it may be repeated.</returns>
    public static bool IsRepeatable(HttpRequestMessage request) =>
        (request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || request.Method == HttpMethod.Options
            || request.Method == HttpMethod.Trace || request.Method == HttpMethod.Put || request.Method == HttpMethod.Delete)
        && request.Content is null or ByteArrayContent or ReadOnlyMemoryContent or JsonContent;

    /// <summary>How long the server asks to wait.</summary>
    /// <param name="response">The response, if there is one.</param>
    /// <param name="now">The time.</param>
    /// <returns>The wait of <c>Retry-After</c>, or <see langword="null"/>.</returns>
    public static TimeSpan? RetryAfter(HttpResponseMessage? response, DateTimeOffset now) => response?.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > now ? date - now : TimeSpan.Zero,
        _ => null,
    };
}
