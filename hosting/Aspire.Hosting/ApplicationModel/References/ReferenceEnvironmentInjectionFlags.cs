using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Which variables a reference to another resource brings.</summary>
[Flags]
[SuppressMessage("Naming", "CA1711", Justification = "The name is Aspire's.")]
public enum ReferenceEnvironmentInjectionFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The connection string, as <c>ConnectionStrings__{name}</c>.</summary>
    ConnectionString = 1,

    /// <summary>The parts of the connection, as <c>{NAME}_{PROPERTY}</c>.</summary>
    ConnectionProperties = 2,

    /// <summary>Service discovery, as <c>services__{name}__{endpoint}__{index}</c>.</summary>
    ServiceDiscovery = 4,

    /// <summary>Endpoints, as <c>{NAME}_{ENDPOINT}</c>.</summary>
    Endpoints = 8,

    /// <summary>All of them.</summary>
    All = ConnectionString | ConnectionProperties | ServiceDiscovery | Endpoints,
}
