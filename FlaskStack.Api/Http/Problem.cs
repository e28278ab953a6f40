using System.ComponentModel;

namespace FlaskStack.Api.Http;

/// <summary>An error as RFC 9457 describes it (<c>application/problem+json</c>).</summary>
/// <param name="Type">Always <c>about:blank</c>: the status says what kind of problem it is.</param>
/// <param name="Title">The standard phrase of the status.</param>
/// <param name="Status">The HTTP status code.</param>
/// <param name="Detail">The cause, in words.</param>
/// <param name="TraceId">Finds the request in traces and logs.</param>
internal sealed record Problem(
    [property: Description("Always about:blank: the status says what kind of problem it is.")] string Type,
    [property: Description("The standard phrase of the status.")] string Title,
    [property: Description("The HTTP status code.")] int Status,
    [property: Description("The cause, in words.")] string Detail,
    [property: Description("Finds the request in traces and logs.")] string TraceId);
