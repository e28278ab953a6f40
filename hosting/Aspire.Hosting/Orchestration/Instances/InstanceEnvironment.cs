using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Endpoints;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>Adds to a resource's own variables what only the orchestrator knows: addresses and where telemetry goes.</summary>
internal sealed class InstanceEnvironment(IConfiguration configuration, IHostEnvironment hostEnvironment)
{
    private const string Urls = "ASPNETCORE_URLS";
    private const string HttpsPort = "ASPNETCORE_HTTPS_PORT";

    /// <summary>Variables of the AppHost itself that would mislead a child: they name its own addresses and mode.</summary>
    private static readonly string[] NotInherited = [Urls, "DOTNET_LAUNCH_PROFILE", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"];

    /// <summary>Settings and secrets of the AppHost itself: its keys and every parameter, of which a resource gets those it refers to.</summary>
    private static readonly string[] NotInheritedPrefixes = ["ASPIRE_", "DOTNET_DASHBOARD_", "DOTNET_RESOURCE_SERVICE_", "Dashboard__", "AppHost__", "Parameters__"];

    private readonly OtlpEnvironment _otlp = new(configuration, hostEnvironment);

    /// <summary>The resource's variables, completed for one instance. What the model set is never overwritten.</summary>
    public IReadOnlyDictionary<string, string> Complete(IResource resource, InstanceName instance, IReadOnlyList<InstanceEndpoint> endpoints, IEnumerable<KeyValuePair<string, string>> resolved)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in resolved)
        {
            variables[name] = value;
        }

        if (resource is ProjectResource)
        {
            AddAddresses(variables, endpoints.Where(e => !KestrelEndpointsAnnotation.Contains(resource, e.Annotation)));
            AddConsoleFormat(variables);
        }

        _otlp.AddTo(variables, resource, instance);
        return variables;
    }

    /// <summary>The variables as the process layer takes them: with those of the AppHost that must not be inherited removed.</summary>
    public static IReadOnlyDictionary<string, string?> ForProcess(IReadOnlyDictionary<string, string> variables)
    {
        var result = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => NotInherited.Contains(name) || NotInheritedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            .ToDictionary(name => name, _ => (string?)null, StringComparer.Ordinal);

        foreach (var (name, value) in variables)
        {
            result[name] = value;
        }

        return result;
    }

    private static void AddAddresses(Dictionary<string, string> variables, IEnumerable<InstanceEndpoint> endpoints)
    {
        var web = endpoints.Where(e => e.Annotation.UriScheme is "http" or "https").ToArray();
        if (web.Length == 0)
        {
            return;
        }

        variables.TryAdd(Urls, string.Join(';', web.SelectMany(ListenUrls)));
        if (web.FirstOrDefault(e => e.Annotation.UriScheme == "https") is { } https)
        {
            variables.TryAdd(HttpsPort, https.Allocated.Port.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static IEnumerable<string> ListenUrls(InstanceEndpoint endpoint)
    {
        yield return $"{endpoint.Annotation.UriScheme}://{endpoint.BindAddress}:{endpoint.Allocated.Port}";
        if (endpoint.UnixSocket is { } socket)
        {
            yield return $"http://unix:{socket}";
        }
    }

    private static void AddConsoleFormat(Dictionary<string, string> variables)
    {
        // Aspire's own choice: plain text with colours reads well in the dashboard's console page.
        variables.TryAdd("LOGGING__CONSOLE__FORMATTERNAME", "simple");
        variables.TryAdd("DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION", "true");
    }
}
