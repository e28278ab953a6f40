using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging.Abstractions;

namespace FlaskStack.Tests.Hosting.Resources;

/// <summary>Makes models, and reads what a process would be started with.</summary>
internal static class Model
{
    public static IDistributedApplicationBuilder Create(params string[] args) => DistributedApplication.CreateBuilder(new DistributedApplicationOptions
    {
        Args = args,
        DisableDashboard = true,
    });

    public static IDistributedApplicationBuilder Publish() => Create("--operation", "publish", "--publisher", "manifest", "--output-path", Path.GetTempPath());

    public static async Task<Dictionary<string, string>> EnvironmentOf(IDistributedApplicationBuilder builder, IResource resource, ValueProviderContext? context = null) =>
        new((await Resolve(builder, resource, context)).Environment);

    public static async Task<ResolvedConfiguration> Resolve(IDistributedApplicationBuilder builder, IResource resource, ValueProviderContext? context = null)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        return await ConfigurationResolver.ResolveAsync(resource, builder.ExecutionContext, NullLogger.Instance, context ?? new ValueProviderContext(), deadline.Token);
    }

    public static void Allocate(IResourceBuilder<IResourceWithEndpoints> builder, string name, params int[] ports)
    {
        var endpoint = builder.Resource.GetEndpoint(name).EndpointAnnotation;
        var addresses = ports.Select(port => new AllocatedEndpoint(endpoint, "localhost", port)).ToArray();
        endpoint.ReplicaEndpoints = ports.Length > 1 ? addresses : [];
        endpoint.AllocatedEndpoint = addresses[0];
    }
}
