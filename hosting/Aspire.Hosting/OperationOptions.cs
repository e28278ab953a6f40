using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Reads from configuration whether the AppHost runs or publishes, under the names that Aspire's tools use.</summary>
internal static class OperationOptions
{
    private const string OperationKey = "AppHost:Operation";
    private const string PublisherKey = "Publishing:Publisher";
    private const string StepKey = "Pipeline:Step";
    private const string ManifestPublisher = "manifest";

    private static readonly Dictionary<string, string> Switches = new()
    {
        ["--operation"] = OperationKey,
        ["--publisher"] = PublisherKey,
        ["--step"] = StepKey,
        ["--list-steps"] = "Pipeline:ListSteps",
        ["--output-path"] = "Pipeline:OutputPath",
        ["--log-level"] = "Pipeline:LogLevel",
    };

    /// <summary>
    /// <c>--operation run|publish</c> decides; without it, <c>--publisher manifest</c> means publish the manifest, which is what azd passes.
    /// </summary>
    /// <exception cref="DistributedApplicationException">There is no such operation or publisher.</exception>
    public static DistributedApplicationExecutionContextOptions Read(ConfigurationManager configuration, string[] arguments)
    {
        configuration.AddCommandLine(arguments, Switches);
        var publisher = configuration[PublisherKey];
        var operation = configuration[OperationKey] ?? (publisher is null ? "run" : "publish");
        return operation.ToLowerInvariant() switch
        {
            "run" => new(DistributedApplicationOperation.Run),
            // Inspecting is asking which steps there are.
            "publish" or "inspect" => Publish(configuration, publisher ?? ManifestPublisher, isNamed: publisher is not null),
            _ => throw new DistributedApplicationException($"Unknown operation '{operation}'. Valid operations are 'run' and 'publish'."),
        };
    }

    private static DistributedApplicationExecutionContextOptions Publish(ConfigurationManager configuration, string publisher, bool isNamed)
    {
        if (isNamed && string.IsNullOrEmpty(configuration[StepKey]))
        {
            configuration[StepKey] = string.Equals(publisher, ManifestPublisher, StringComparison.OrdinalIgnoreCase)
                ? ManifestStep.Name
                : throw new DistributedApplicationException(
                    $"There is no publisher '{publisher}'. '--publisher {ManifestPublisher}' writes the manifest; for anything else, name a step: --operation publish --step STEP.");
        }

        return new(DistributedApplicationOperation.Publish, publisher);
    }
}
