using System.Security.Cryptography;

namespace Aspire.Hosting.Orchestration;

/// <summary>The name of one instance of a resource: <c>{resource}-{8 lower-case letters}</c>, as Aspire names them.</summary>
/// <param name="Id">The whole name: the row in the dashboard, the argument to the CLI.</param>
/// <param name="Suffix">The letters: OpenTelemetry's <c>service.instance.id</c>.</param>
internal sealed record InstanceName(string Id, string Suffix)
{
    private const int SuffixLength = 8;

    public static InstanceName Create(string resourceName)
    {
        var suffix = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", SuffixLength);
        return new InstanceName($"{resourceName}-{suffix}", suffix);
    }
}
