using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What the settings files of a project say about Kestrel.</summary>
internal sealed class KestrelSettings
{
    private readonly IConfiguration _configuration;

    private KestrelSettings(IConfiguration configuration) => _configuration = configuration;

    /// <summary>The endpoints of the section <c>Kestrel:Endpoints</c> that have a URL.</summary>
    public IReadOnlyList<(string Key, BindingAddress Address, string? Protocols)> Endpoints { get; private init; } = [];

    /// <summary>Reads <c>appsettings.json</c> and its variant for an environment, beside the project.</summary>
    /// <exception cref="DistributedApplicationException">A file cannot be read, or a URL in it cannot be understood.</exception>
    public static KestrelSettings Read(string resourceName, string projectPath, string environment)
    {
        var folder = Path.GetDirectoryName(projectPath)!;
        try
        {
            var configuration = new ConfigurationBuilder()
                .AddJsonFile(Path.Combine(folder, "appsettings.json"), optional: true)
                .AddJsonFile(Path.Combine(folder, $"appsettings.{environment}.json"), optional: true)
                .Build();
            var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren()
                .Where(static endpoint => !string.IsNullOrEmpty(endpoint["Url"]))
                .Select(static endpoint => (endpoint.Key, BindingAddress.Parse(endpoint["Url"]!), endpoint["Protocols"]));
            return new KestrelSettings(configuration) { Endpoints = [.. endpoints] };
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or IOException)
        {
            throw new DistributedApplicationException($"Project '{resourceName}': the Kestrel settings in '{folder}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Whether an endpoint speaks HTTP/2 only, by its own protocols or else by the defaults for all endpoints.</summary>
    public bool IsHttp2(string? protocols) =>
        string.Equals(protocols ?? _configuration["Kestrel:EndpointDefaults:Protocols"], "Http2", StringComparison.OrdinalIgnoreCase);
}
