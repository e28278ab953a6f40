using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing.Builders;

/// <summary>A factory whose options a test sets by a callback.</summary>
internal sealed class ConfiguredFactory(
    Type entryPoint,
    string[] args,
    Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder)
    : DistributedApplicationFactory(entryPoint, args)
{
    protected override void OnBuilderCreating(DistributedApplicationOptions applicationOptions, HostApplicationBuilderSettings hostOptions) =>
        configureBuilder(applicationOptions, hostOptions);
}
