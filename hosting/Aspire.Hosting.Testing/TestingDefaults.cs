using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>What an AppHost gets inside a test when the test says nothing else: the defaults of Aspire.Hosting.Testing.</summary>
internal static class TestingDefaults
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["DcpPublisher:RandomizePorts"] = "true",
        // Whoever stops all AppHosts does not mean the test runner.
        ["Cli:Enabled"] = "false",
        ["ASPNETCORE_URLS"] = "http://localhost:8080",
        ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "http://localhost:4317",
        ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
    };

    /// <summary>Sets the options of a builder that is about to be constructed.</summary>
    public static void Apply(DistributedApplicationOptions options, HostApplicationBuilderSettings settings, string[] args, Assembly appHost)
    {
        // The AppHost may have passed its arguments on, or not.
        var given = settings.Args ?? [];
        settings.Args = given.AsSpan().EndsWith(args) ? given : [.. given, .. args];
        settings.ApplicationName = appHost.GetName().Name;
        options.Args = settings.Args;
        options.AssemblyName = settings.ApplicationName;
        options.DisableDashboard = true;
        options.EnableResourceLogging = true;
        settings.ContentRootPath = AppHostMetadata.Read(appHost, options.ProjectDirectory).ContentRoot;
        AddDefaults(settings, Settings);
    }

    /// <summary>Adds what the AppHost's launch profile would have put into the environment.</summary>
    public static void ApplyLaunchProfile(HostApplicationBuilderSettings settings, Assembly appHost)
    {
        if (AppHostLaunchProfile.Find(appHost, ReadGiven(settings)["DOTNET_LAUNCH_PROFILE"]) is { } profile)
        {
            AddDefaults(settings, profile.ToConfiguration());
        }
    }

    private static void AddDefaults(HostApplicationBuilderSettings settings, IEnumerable<KeyValuePair<string, string?>> defaults)
    {
        var given = ReadGiven(settings);
        settings.Configuration ??= new ConfigurationManager();
        settings.Configuration.AddInMemoryCollection(defaults.Where(entry => given[entry.Key] is null));
    }

    private static IConfigurationRoot ReadGiven(HostApplicationBuilderSettings settings)
    {
        var builder = new ConfigurationBuilder();
        if (settings.Configuration is not null)
        {
            builder.AddConfiguration(settings.Configuration);
        }

        return builder.AddCommandLine(settings.Args ?? []).Build();
    }
}
