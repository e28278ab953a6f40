namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>A port kept from other AppHosts of this user until disposed; the process that is to use it listens on it itself.</summary>
internal sealed class PortLease(int port, FileStream? lockFile) : IDisposable
{
    /// <summary>The TCP port.</summary>
    public int Port => port;

    /// <summary>Gives the port back.</summary>
    public void Dispose() => lockFile?.Dispose();
}
