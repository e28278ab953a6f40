using Microsoft.Extensions.Configuration;
using OpenTelemetry.Resources;

namespace FlaskStack.ServiceDefaults.Telemetry;

/// <summary>Who the telemetry comes from.</summary>
/// <param name="ApplicationName">The name when <c>OTEL_SERVICE_NAME</c> gives none.</param>
/// <param name="Configuration">Where the <c>OTEL_</c> settings are.</param>
internal sealed record TelemetryIdentity(string ApplicationName, IConfiguration Configuration)
{
    /// <summary>Describes this process.</summary>
    /// <returns>The attributes of <c>OTEL_RESOURCE_ATTRIBUTES</c>, and the service name.</returns>
    public ResourceBuilder Resource()
    {
        var attributes = ReadAttributes();
        var name = Configuration["OTEL_SERVICE_NAME"];
        if (!string.IsNullOrWhiteSpace(name))
        {
            attributes["service.name"] = name;
        }

        attributes.TryAdd("service.name", ApplicationName);
        attributes.TryAdd("service.instance.id", Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddAttributes(attributes);
    }

    private Dictionary<string, object> ReadAttributes()
    {
        var attributes = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var pair in (Configuration["OTEL_RESOURCE_ATTRIBUTES"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                attributes[pair[..equals].TrimEnd()] = Uri.UnescapeDataString(pair[(equals + 1)..].TrimStart());
            }
        }

        return attributes;
    }
}
