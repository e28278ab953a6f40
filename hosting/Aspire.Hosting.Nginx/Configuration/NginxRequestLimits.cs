namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>What one request, and one client, may ask for.</summary>
public sealed record NginxRequestLimits
{
    /// <summary>
    /// The largest request body in bytes (<c>client_max_body_size</c>); a larger one is answered with 413 by nginx. Default 2 MiB:
    /// above the services' own limit of 1 MiB, so that they answer the usual case themselves. Range 1 to 1 TiB.
    /// </summary>
    public long MaxBodySize { get; init; } = 2 * 1024 * 1024;

    /// <summary>
    /// The body in bytes that is held in memory (<c>client_body_buffer_size</c>); nginx writes a larger one to a temporary file, with a
    /// warning for each. A body whose length the client tells takes no more memory than it is long. Default 256 KiB; range 1 KiB to 1 GiB.
    /// </summary>
    public long BodyBufferSize { get; init; } = 256 * 1024;

    /// <summary>The longest request line or header field in bytes (<c>large_client_header_buffers</c>). Default 8 KiB; range 1 KiB to 1 MiB.</summary>
    public int MaxHeaderSize { get; init; } = 8 * 1024;

    /// <summary>How many buffers of <see cref="MaxHeaderSize"/> the headers of one request may fill. Default 4; range 1 to 64.</summary>
    public int HeaderBuffers { get; init; } = 4;

    /// <summary>Requests per second and client address (<c>limit_req</c>), beyond which nginx answers 429. Default: none. Range 1 to 1,000,000.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>Requests a client may send at once above <see cref="RequestsPerSecond"/> (<c>burst</c> with <c>nodelay</c>). Default 0; range 0 to 1,000,000.</summary>
    public int Burst { get; init; }

    /// <summary>Requests in flight per client address (<c>limit_conn</c>), beyond which nginx answers 429. Default: none. Range 1 to 65,535.</summary>
    public int? ConnectionsPerClient { get; init; }
}
