namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>nginx's worker processes.</summary>
public sealed record NginxWorkers
{
    /// <summary>How many there are (<c>worker_processes</c>). Default: one per processor core (<c>auto</c>). Range 1 to 512.</summary>
    public int? Processes { get; init; }

    /// <summary>
    /// Connections each worker can hold, to clients and to members alike (<c>worker_connections</c>). Range 64 to 1,000,000.
    /// Default: 20,480, enough for one worker to carry 10,000 clients alone, or as many as the limit of open files allows.
    /// </summary>
    public int? Connections { get; init; }

    /// <summary>
    /// The system user the workers run as (<c>user</c>), used only when nginx starts as root.
    /// Default: the first of www-data, nginx and nobody that exists.
    /// </summary>
    public string? User { get; init; }

    /// <summary>The system group the workers run as. Default: the primary group of <see cref="User"/>.</summary>
    public string? Group { get; init; }
}
