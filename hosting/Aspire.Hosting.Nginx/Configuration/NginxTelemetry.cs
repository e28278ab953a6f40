namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>What nginx tells about the requests it serves, when an OTLP receiver such as the dashboard is configured.</summary>
public sealed record NginxTelemetry
{
    /// <summary>
    /// Whether nginx writes spans, metrics and structured logs. Default true. Without it a client's valid <c>traceparent</c>
    /// passes to the resources as it came, and nginx has no part in the trace.
    /// </summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Requests per second up to which every trace is kept. Default 200; range 0 to 1,000,000.</summary>
    public int FullRate { get; init; } = 200;

    /// <summary>
    /// The share of traces kept of the requests above <see cref="FullRate"/>. Default 0.01; range 0 to 1; 1 keeps every trace.
    /// Metrics count every request, and failed requests always have a span, up to 100 a second.
    /// </summary>
    public double ShareAbove { get; init; } = 0.01;

    /// <summary>How often connections are counted (<c>stub_status</c>) and metrics are sent. Default 5 s; range 1 s to 1 h.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromSeconds(5);
}
