using System.Collections.Frozen;

namespace Aspire.Hosting.Supervisor.Replicas;

/// <summary>
/// The variables that say where an ASP.NET Core program listens. In the AppHost's environment, as in a container image, they are for the
/// AppHost alone: a child that inherited them would listen there instead of at its own port, or redirect to there.
/// </summary>
/// <remarks>The orchestrator itself does not pass on <c>ASPNETCORE_URLS</c>.</remarks>
internal static class InheritedAddresses
{
    private const string KestrelPrefix = "Kestrel__Endpoints__";

    private static readonly FrozenSet<string> Names = new[] { "", "ASPNETCORE_", "DOTNET_" }
        .SelectMany(static _ => (string[])["URLS", "HTTP_PORTS", "HTTPS_PORTS", "HTTPS_PORT"], static (prefix, name) => prefix + name)
        .Where(static name => name != "ASPNETCORE_URLS")
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Removes them from the environment of this process, which has read them, before it starts the orchestrator.</summary>
    public static void Remove()
    {
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>())
        {
            if (Names.Contains(name) || name.StartsWith(KestrelPrefix, StringComparison.OrdinalIgnoreCase))
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }
}
