using Polly;

namespace FlaskStack.ServiceDefaults.Resilience;

/// <summary>Sends each request through the pipeline of its destination.</summary>
/// <param name="pipelines">Keeps the pipelines.</param>
/// <param name="options">What they do.</param>
internal sealed class ResilienceHandler(ResiliencePipelines pipelines, HttpResilienceOptions options) : DelegatingHandler
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var pipeline = pipelines.Get(options, request.RequestUri?.GetLeftPart(UriPartial.Authority) ?? "");
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(ResiliencePipelines.RequestKey, request);
        try
        {
            return await pipeline.ExecuteAsync(
                async attempt => await base.SendAsync(request, attempt.CancellationToken).ConfigureAwait(false),
                context).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
