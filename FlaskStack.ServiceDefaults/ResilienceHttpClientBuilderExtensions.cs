using FlaskStack.ServiceDefaults.Resilience;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes HTTP clients resilient.</summary>
public static class ResilienceHttpClientBuilderExtensions
{
    /// <summary>
    /// Bounds the time of calls, repeats failed ones of idempotent methods, and stops calling a destination that keeps failing.
    /// </summary>
    /// <param name="builder">The builder of the client.</param>
    /// <param name="options">The bounds; the defaults of <see cref="HttpResilienceOptions"/> when <see langword="null"/>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IHttpClientBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder, HttpResilienceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var chosen = options ?? new HttpResilienceOptions();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<ResiliencePipelines>();
        return builder.AddHttpMessageHandler(services => new ResilienceHandler(services.GetRequiredService<ResiliencePipelines>(), chosen));
    }
}
