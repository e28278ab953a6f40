namespace Aspire.Hosting.Cli.Rpc;

/// <summary>How much a client may ask of a server before it is refused or dropped.</summary>
internal sealed record RpcLimits
{
    /// <summary>Clients at once. Default 32.</summary>
    public int Connections { get; init; } = 32;

    /// <summary>Calls of one client that are under way at once. Default 16.</summary>
    public int Calls { get; init; } = 16;

    /// <summary>Sequences that one client has open at once. Default 16.</summary>
    public int Sequences { get; init; } = 16;

    /// <summary>Bytes of the headers of a message. Default 4 KiB.</summary>
    public int HeaderBytes { get; init; } = 4 * 1024;

    /// <summary>Bytes of a message. Default 256 KiB: with the defaults above, all clients together can make a server hold 128 MiB of them.</summary>
    public int MessageBytes { get; init; } = 256 * 1024;

    /// <summary>Characters of the id of a call. Default 64.</summary>
    public int IdLength { get; init; } = 64;

    /// <summary>How long the first message may be waited for, and how long any may take once it has begun. Default 10 s.</summary>
    public TimeSpan MessageTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may take to read an answer. Default 30 s.</summary>
    public TimeSpan AnswerTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long calls may take to give up when the server stops. Default 1 s.</summary>
    public TimeSpan StopTime { get; init; } = TimeSpan.FromSeconds(1);
}
