using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FlaskStack.ServiceDefaults;

/// <summary>The paths at which a service reports its health.</summary>
internal static class HealthEndpoints
{
    /// <summary>All checks pass: send requests.</summary>
    public const string Ready = "/health";

    /// <summary>The checks tagged <see cref="LiveTag"/> pass: no restart is needed.</summary>
    public const string Alive = "/alive";

    /// <summary>How many requests the process has served.</summary>
    public const string Served = "/alive/requests";

    /// <summary>The tag of checks that show whether the process works at all.</summary>
    public const string LiveTag = "live";

    /// <summary>Whether a request to the path is a probe.</summary>
    public static bool Contains(PathString path) => path.Value is Ready or Alive or Served;

    /// <summary>Counts the requests for <see cref="Served"/>.</summary>
    public static void AddServedRequests(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServedRequests>();
        builder.Services.AddFirstMiddleware(provider => provider.GetRequiredService<ServedRequests>().InvokeAsync);
    }
}

/// <summary>Counts the requests that the process has taken, without probes: a supervisor's <c>MaxRequests</c> (gunicorn: <c>max_requests</c>) reads it.</summary>
internal sealed class ServedRequests
{
    private long _count;

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!HealthEndpoints.Contains(context.Request.Path))
        {
            Interlocked.Increment(ref _count);
        }

        return next(context);
    }

    /// <summary>Answers with the count, as plain text.</summary>
    public Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(Interlocked.Read(ref _count).ToString(CultureInfo.InvariantCulture), context.RequestAborted);
    }
}
