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
    /// The share of traces kept of more requests than <see cref="FullRate"/>, though no fewer a second than a tenth of it. Default
    /// 0.002; range 0 to 1; 1 keeps every trace. To keep one takes about as much of the processor, most of it in the dashboard, as to
    /// serve ten requests. Failed requests always have a span, up to 100 a second.
    /// </summary>
    public double ShareAbove { get; init; } = 0.002;

    /// <summary>
    /// Requests per second up to which metrics count each one. Default 500; range 100 to 1,000,000. Of more, one in two, four, eight, …
    /// is taken and counted for as many, which is right to one or two in a hundred within about ten seconds; those that failed are always
    /// counted one by one. The largest value counts each one at any rate, for about a tenth of nginx's time.
    /// </summary>
    public int CountedRate { get; init; } = 500;

    /// <summary>How often connections are counted (<c>stub_status</c>) and metrics are sent. Default 5 s; range 1 s to 1 h.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromSeconds(5);
}
