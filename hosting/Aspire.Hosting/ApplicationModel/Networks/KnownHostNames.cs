namespace Aspire.Hosting.ApplicationModel;

/// <summary>Host names with a fixed meaning.</summary>
public static class KnownHostNames
{
    /// <summary>This machine, over loopback.</summary>
    public const string Localhost = "localhost";

    /// <summary>How a container addresses Aspire's tunnel to the host.</summary>
    public const string DefaultContainerTunnelHostName = "aspire.dev.internal";

    /// <summary>How a container addresses its host under Docker Desktop.</summary>
    public const string DockerDesktopHostBridge = "host.docker.internal";
}
