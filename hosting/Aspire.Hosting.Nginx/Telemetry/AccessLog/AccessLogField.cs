namespace Aspire.Hosting.Nginx.Telemetry.AccessLog;

/// <summary>What the access log says about a request, in the order in which it says it. Every request has the first seven.</summary>
internal enum AccessLogField
{
    Status,
    Duration,
    Method,
    Route,
    Member,
    MemberDuration,
    Told,
    Time,
    Flags,
    Trace,
    Parent,
    Span,
    MemberStatus,
    MemberConnect,
    Protocol,
    Scheme,
    ClientAddress,
    ClientPort,
    ServerPort,
    Host,
    TraceState,
    Target,
    UserAgent,
}
