namespace Aspire.Hosting;

/// <summary>Options for the builder of an application.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>Gets or sets the command line. Default: none.</summary>
    public string[]? Args { get; set; }

    /// <summary>Gets or sets the name of the AppHost's assembly. Default: the entry assembly.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>Gets or sets the folder of the AppHost's project. Default: what the build recorded in the assembly.</summary>
    public string? ProjectDirectory { get; set; }

    /// <summary>Gets or sets whether the dashboard stays off. Default: <see langword="false"/>.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>Gets or sets the application's name in the dashboard. Default: the application name without <c>AppHost</c>.</summary>
    public string? DashboardApplicationName { get; set; }

    /// <summary>Gets or sets whether plain http is allowed between the dashboard and its sources. Default: <see langword="false"/>.</summary>
    public bool AllowUnsecuredTransport { get; set; }

    /// <summary>Gets or sets whether resources' output is also written to the AppHost's own log. Default: <see langword="false"/>.</summary>
    public bool EnableResourceLogging { get; set; }

    /// <summary>Gets or sets a registry that replaces that of every container image. Default: none.</summary>
    public string? ContainerRegistryOverride { get; set; }

    /// <summary>Gets or sets whether resources are told to trust the developer certificate. Default: decided by the host.</summary>
    public bool? TrustDeveloperCertificate { get; set; }

    /// <summary>Gets or sets whether https ends at the developer certificate. Default: decided by the host.</summary>
    public bool? DeveloperCertificateDefaultHttpsTerminationEnabled { get; set; }
}
