using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Reads from configuration whether the AppHost runs or publishes.</summary>
internal static class OperationOptions
{
    private const string DefaultPublisher = "manifest";

    /// <summary>
    /// <c>--operation run|publish</c> decides; without it, <c>--publisher NAME</c> means publish (what azd passes).
    /// </summary>
    /// <exception cref="DistributedApplicationException">The operation is neither run nor publish.</exception>
    public static DistributedApplicationExecutionContextOptions Read(IConfiguration configuration)
    {
        var operation = configuration["operation"] ?? configuration["AppHost:Operation"];
        var publisher = configuration["publisher"] ?? configuration["Publishing:Publisher"];

        return operation?.ToLowerInvariant() switch
        {
            null when publisher is null => new(DistributedApplicationOperation.Run),
            null => new(DistributedApplicationOperation.Publish, publisher),
            "run" => new(DistributedApplicationOperation.Run),
            "publish" => new(DistributedApplicationOperation.Publish, publisher ?? DefaultPublisher),
            _ => throw new DistributedApplicationException($"Unknown operation '{operation}'. Valid operations are 'run' and 'publish'."),
        };
    }
}
