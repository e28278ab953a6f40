using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing.EntryPoints;

/// <summary>What a builder of an application reports of itself, on the thread that uses it.</summary>
internal interface IBuilderEvents
{
    /// <summary>The builder is about to be constructed from these; they may still be changed.</summary>
    void OnConstructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings);

    /// <summary>The builder exists and holds no resources yet.</summary>
    void OnConstructed(DistributedApplicationBuilder builder);

    /// <summary>The application is about to be built from all that was added.</summary>
    void OnBuilding(DistributedApplicationBuilder builder);

    /// <summary>The application has been built and not been started.</summary>
    void OnBuilt(DistributedApplication application);
}
