namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>How a <see cref="RotatingLogFile"/> behaves.</summary>
internal sealed record RotatingLogOptions
{
    /// <summary>Size at which a file is put aside. Default 10 MB.</summary>
    public long MaximumBytes { get; init; } = 10_000_000;

    /// <summary>Number of files kept, the current one included. Default 5.</summary>
    public int MaximumFiles { get; init; } = 5;

    /// <summary>Memory for lines that wait to be written; lines beyond are dropped and counted. Default 8 MiB.</summary>
    public long MaximumQueuedBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Pause after a failed write before the file is opened again. Default 30 s.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(30);
}
