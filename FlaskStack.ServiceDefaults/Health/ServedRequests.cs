using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace FlaskStack.ServiceDefaults.Health;

/// <summary>Counts the requests that the process has taken, those to the <see cref="HealthPaths"/> aside (gunicorn's <c>max_requests</c> needs it).</summary>
internal sealed class ServedRequests
{
    private long _count;

    /// <summary>Counts one.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!HealthPaths.Contains(context.Request.Path.Value))
        {
            Interlocked.Increment(ref _count);
        }

        return next(context);
    }

    /// <summary>Answers with the number, as plain text.</summary>
    public Task TellAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(Interlocked.Read(ref _count).ToString(CultureInfo.InvariantCulture), context.RequestAborted);
    }
}
