using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Diagnostics;

/// <summary>
/// Announces the life of a builder on the diagnostic listener <c>Aspire.Hosting</c>, which is how
/// Aspire.Hosting.Testing takes hold of an AppHost that runs its own entry point.
/// </summary>
internal static class BuilderDiagnostics
{
    public const string ListenerName = "Aspire.Hosting";
    public const string Constructing = "DistributedApplicationBuilderConstructing";
    public const string Constructed = "DistributedApplicationBuilderConstructed";
    public const string Building = "DistributedApplicationBuilding";
    public const string Built = "DistributedApplicationBuilt";

    private static readonly DiagnosticListener Listener = new(ListenerName);

    public static void WriteConstructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings) =>
        Write(Constructing, (options, settings));

    public static void WriteConstructed(DistributedApplicationBuilder builder) => Write(Constructed, builder);

    public static void WriteBuilding(DistributedApplicationBuilder builder) => Write(Building, builder);

    public static void WriteBuilt(DistributedApplication application) => Write(Built, application);

    private static void Write(string name, object value)
    {
        if (Listener.IsEnabled() && Listener.IsEnabled(name))
        {
            Listener.Write(name, value);
        }
    }
}
