using Microsoft.AspNetCore.Http.Features;

namespace FlaskStack.Api.Http;

/// <summary>Gives every error response a problem document, and every response <c>X-Content-Type-Options: nosniff</c>.</summary>
/// <param name="next">The rest of the pipeline.</param>
/// <param name="logger">Where unexpected exceptions go.</param>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    /// <summary>Handles one request.</summary>
    /// <param name="context">The request.</param>
    /// <returns>A task that ends with the response.</returns>
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
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            // The client has gone: nobody is left to answer.
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
        await ProblemResponse.WriteAsync(context, StatusCodes.Status500InternalServerError, "The service failed to handle the request; its log has the cause under the trace id.").ConfigureAwait(false);
    }

    private static string Describe(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"Nothing is served at {context.Request.Path}.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}.",
        var status => $"The request ended with status {status}.",
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed (trace {TraceId})")]
        public static partial void RequestFailed(ILogger logger, Exception exception, string method, PathString path, string traceId);
    }
}
