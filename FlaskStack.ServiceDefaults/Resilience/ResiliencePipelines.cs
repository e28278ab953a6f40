using System.Collections.Concurrent;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace FlaskStack.ServiceDefaults.Resilience;

/// <summary>Keeps a pipeline for each destination, so that one that is down does not close the way to others.</summary>
/// <param name="time">The clock.</param>
internal sealed class ResiliencePipelines(TimeProvider time)
{
    /// <summary>Carries the request to the decision whether to retry.</summary>
    public static readonly ResiliencePropertyKey<HttpRequestMessage> RequestKey = new("FlaskStack.Request");

    // Destinations come from the program, so they are few; one that makes them up must not fill the memory.
    private const int MostKept = 1024;

    private readonly ConcurrentDictionary<(HttpResilienceOptions Options, string Destination), ResiliencePipeline<HttpResponseMessage>> _pipelines = new();

    /// <summary>The pipeline for a destination.</summary>
    /// <param name="options">What it does.</param>
    /// <param name="destination">Scheme, host and port.</param>
    /// <returns>The pipeline; the same for the same arguments.</returns>
    public ResiliencePipeline<HttpResponseMessage> Get(HttpResilienceOptions options, string destination)
    {
        if (_pipelines.Count >= MostKept)
        {
            _pipelines.Clear();
        }

        return _pipelines.GetOrAdd((options, destination), key => Build(key.Options));
    }

    private ResiliencePipeline<HttpResponseMessage> Build(HttpResilienceOptions options)
    {
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time };
        builder.AddTimeout(options.TotalTimeout);
        if (options.Retries > 0)
        {
            builder.AddRetry(Retry(options));
        }

        return builder
            .AddCircuitBreaker(Breaker(options))
            .AddTimeout(options.AttemptTimeout)
            .Build();
    }

    private RetryStrategyOptions<HttpResponseMessage> Retry(HttpResilienceOptions options) => new()
    {
        MaxRetryAttempts = options.Retries,
        Delay = options.RetryDelay,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        ShouldHandle = attempt => ValueTask.FromResult(
            RetryPolicy.IsTransient(attempt.Outcome)
            && attempt.Context.Properties.TryGetValue(RequestKey, out var request)
            && RetryPolicy.IsRepeatable(request)),
        DelayGenerator = attempt => ValueTask.FromResult(RetryPolicy.RetryAfter(attempt.Outcome.Result, time.GetUtcNow())),
    };

    private static CircuitBreakerStrategyOptions<HttpResponseMessage> Breaker(HttpResilienceOptions options) => new()
    {
        FailureRatio = options.BreakerFailureRatio,
        MinimumThroughput = options.BreakerMinimumAttempts,
        SamplingDuration = options.BreakerWindow,
        BreakDuration = options.BreakDuration,
        ShouldHandle = attempt => ValueTask.FromResult(RetryPolicy.IsTransient(attempt.Outcome)),
    };
}
