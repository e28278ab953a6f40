using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Validation;

/// <summary>All the checks there are.</summary>
internal static class NginxConfigurationValidator
{
    private static readonly INginxValidator[] Validators =
    [
        new PathValidator(),
        new CorsValidator(),
        new ErrorPageValidator(),
        new RequestLimitsValidator(),
        new TimeoutsValidator(),
        new UpstreamSettingsValidator(),
        new WorkersValidator(),
        new ServerNameValidator(),
        new SnippetValidator(),
        new TelemetryValidator(),
    ];

    public static IReadOnlyList<string> Validate(NginxConfiguration configuration) =>
        [.. Validators.SelectMany(validator => validator.Validate(configuration))];
}
