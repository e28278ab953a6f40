using System.Globalization;

namespace FlaskStack.AppHost.Settings;

/// <summary>Passes settings on to the API.</summary>
internal static class ApiEnvironment
{
    /// <summary>Sets the environment of one replica.</summary>
    public static IResourceBuilder<ProjectResource> WithApiSettings(this IResourceBuilder<ProjectResource> api, StackSettings settings) => api
        .WithEnvironment("Api__MaxBodyBytes", settings.MaxBodyBytes.ToString(CultureInfo.InvariantCulture))
        // nginx decides which requests are traced, so that a trace has both its parts or none.
        .WithEnvironment("OTEL_TRACES_SAMPLER", "parentbased_always_on")
        // Metrics every second, as in development otherwise, take more of the processor than the requests of a calm service.
        .WithEnvironment("OTEL_METRIC_EXPORT_INTERVAL", "5000");
}
