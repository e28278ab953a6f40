using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
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

/// <summary>Gives every error response a problem document, and every response <c>X-Content-Type-Options: nosniff</c>.</summary>
/// <param name="next">The rest of the pipeline.</param>
/// <param name="logger">Where unexpected exceptions go.</param>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    /// <summary>Handles one request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await ProblemResponse.WriteAsync(context, exception.StatusCode, exception.Message).ConfigureAwait(false);
            return;
        }
        catch (Exception exception)
            when (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            // The client has disconnected: there is no one to answer.
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await AnswerUnexpectedAsync(context, exception).ConfigureAwait(false);
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
        {
            await ProblemResponse.WriteAsync(context, context.Response.StatusCode, Describe(context)).ConfigureAwait(false);
        }
    }

    private async Task AnswerUnexpectedAsync(HttpContext context, Exception exception)
    {
        var traceId = ProblemResponse.TraceId(context);
        Log.RequestFailed(logger, exception, context.Request.Method, context.Request.Path, traceId);
        context.Features.Get<IHttpActivityFeature>()?.Activity.AddException(exception);
        context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new("error.type", exception.GetType().FullName));
        context.Response.Clear();
        context.Response.Headers.XContentTypeOptions = "nosniff";
        const string detail = "The service failed to handle the request; its log has the cause under the trace id.";
        await ProblemResponse.WriteAsync(context, StatusCodes.Status500InternalServerError, detail).ConfigureAwait(false);
    }

    private static string Describe(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"Nothing is served at {context.Request.Path}.",
        StatusCodes.Status405MethodNotAllowed =>
            $"{context.Request.Path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}.",
        var status => $"The request ended with status {status}.",
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed (trace {TraceId})")]
        public static partial void RequestFailed(ILogger logger, Exception exception, string method, PathString path, string traceId);
    }
}
