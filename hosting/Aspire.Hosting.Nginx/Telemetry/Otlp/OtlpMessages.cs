using Google.Protobuf;

namespace Aspire.Hosting.Nginx.Telemetry.Otlp;

/// <summary>Puts telemetry into the messages receivers take.</summary>
internal static class OtlpMessages
{
    private static readonly Scope Scope = new() { Name = "Aspire.Hosting.Nginx" };

    public static IMessage Of(Source source, IReadOnlyList<Span> spans) =>
        new ExportTraces { ResourceSpans = { new SourceSpans { Resource = source, ScopeSpans = { new ScopeSpans { Scope = Scope, Spans = { spans } } } } } };

    public static IMessage Of(Source source, IReadOnlyList<LogRecord> records) =>
        new ExportLogs { ResourceLogs = { new SourceLogs { Resource = source, ScopeLogs = { new ScopeLogs { Scope = Scope, LogRecords = { records } } } } } };

    public static IMessage Of(Source source, IReadOnlyList<Metric> metrics) =>
        new ExportMetrics { ResourceMetrics = { new SourceMetrics { Resource = source, ScopeMetrics = { new ScopeMetrics { Scope = Scope, Metrics = { metrics } } } } } };
}
