using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace FlaskStack.Api.Http;

/// <summary>Writes a <see cref="Problem"/> as the response.</summary>
internal static class ProblemResponse
{
    /// <summary>The media type of a problem.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>Writes the problem.</summary>
    /// <param name="context">The request; its response has not started.</param>
    /// <param name="status">The HTTP status code.</param>
    /// <param name="detail">The cause, in words for the client.</param>
    /// <returns>A task that ends when the response is written.</returns>
    public static async Task WriteAsync(HttpContext context, int status, string detail)
    {
        var problem = new Problem("about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail, TraceId(context));
        var body = JsonSerializer.SerializeToUtf8Bytes(problem, ApiJsonContext.Plain.Problem);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = ContentType;
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        await response.BodyWriter.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The id under which traces and logs know the request.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The W3C trace id, or the server's own id when nothing traces.</returns>
    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
}

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
