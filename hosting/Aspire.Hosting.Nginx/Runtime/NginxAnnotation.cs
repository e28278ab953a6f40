using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>What the AppHost asked of an nginx so far.</summary>
internal sealed class NginxAnnotation : IResourceAnnotation
{
    /// <summary>The port given in code, or null for any; a container has one of its own instead.</summary>
    public int? Port { get; init; }

    public NginxConfiguration Configuration { get; set; } = new();

    public ImmutableArray<UpstreamSource> Sources { get; set; } = [];

    /// <summary>The services outside the application behind it.</summary>
    public ImmutableArray<ExternalSource> Externals { get; set; } = [];

    /// <summary>The binary given in code, made absolute.</summary>
    public string? BinaryPath { get; set; }
}
