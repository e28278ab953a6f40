using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>A resource with an HTTP endpoint whose rows the test publishes.</summary>
internal sealed class FakeService : Resource, IResourceWithServiceDiscovery
{
    public FakeService(string name)
        : base(name) => Annotations.Add(new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp, uriScheme: "http", name: "http"));

    /// <summary>A row in a state, serving on a Unix socket.</summary>
    public static CustomResourceSnapshot Row(CustomResourceSnapshot row, string state, NginxUpstream upstream) => row with
    {
        State = state,
        EnvironmentVariables = [new("ASPNETCORE_URLS", $"http://{upstream.Members[0]}", IsFromSpec: true)],
    };

    /// <summary>The row with a report of its health, which none but Aspire may write.</summary>
    public static CustomResourceSnapshot WithHealth(CustomResourceSnapshot row, HealthStatus health, DateTime runAt)
    {
        var changed = row with { };
        ImmutableArray<HealthReportSnapshot> reports = [new("check", health, null, null) { LastRunAt = runAt }];
        typeof(CustomResourceSnapshot).GetProperty(nameof(CustomResourceSnapshot.HealthReports))!.SetValue(changed, reports);
        return changed;
    }

    public static CustomResourceSnapshot TcpRow(string state, string url) => new()
    {
        ResourceType = "Project",
        State = state,
        Properties = [],
        Urls = [new("http", url, IsInternal: false)],
    };
}
