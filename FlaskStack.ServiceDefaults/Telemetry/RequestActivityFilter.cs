using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace FlaskStack.ServiceDefaults.Telemetry;

/// <summary>
/// Adds to a request's activity what is known only at its end: route, status and the name made of them. ASP.NET Core itself
/// records method, scheme and path at the start. And keeps a request that failed although its caller does not sample it: under load
/// the proxy in front samples a share of the requests, and an error is seldom among them.
/// </summary>
/// <param name="identity">Has the settings.</param>
internal sealed class RequestActivityFilter(TelemetryIdentity identity) : IStartupFilter
{
    private readonly bool _keepsFailures = FollowsTheCaller(identity.Configuration["OTEL_TRACES_SAMPLER"]);

    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(rest => context => context.Features.Get<IHttpActivityFeature>()?.Activity is { } activity
            ? DescribeAfterAsync(rest, context, activity)
            : rest(context));
        next(app);
    };

    /// <remarks>Who asks for another sampler wants what it says and no more.</remarks>
    private static bool FollowsTheCaller(string? samplerName) =>
        string.IsNullOrWhiteSpace(samplerName) || samplerName.Trim().Equals("parentbased_always_on", StringComparison.OrdinalIgnoreCase);

    private async Task DescribeAfterAsync(RequestDelegate rest, HttpContext context, Activity activity)
    {
        try
        {
            await rest(context).ConfigureAwait(false);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            Describe(context, activity, StatusCodes.Status500InternalServerError, exception.GetType().FullName);
            throw;
        }

        var status = context.Response.StatusCode;
        Describe(context, activity, status, status >= StatusCodes.Status500InternalServerError ? status.ToString(CultureInfo.InvariantCulture) : null);
    }

    private void Describe(HttpContext context, Activity activity, int status, string? error)
    {
        if (error is not null && !activity.Recorded && _keepsFailures)
        {
            Keep(activity, context.Request);
        }

        if (!activity.Recorded)
        {
            // Nobody will see it.
            return;
        }

        activity.SetTag("http.response.status_code", status);
        if (error is not null)
        {
            activity.SetTag("error.type", error);
            activity.SetStatus(ActivityStatusCode.Error);
        }

        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        activity.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        if (route is not null)
        {
            activity.SetTag("http.route", route);
        }
    }

    /// <summary>Makes up for what was not recorded at the start.</summary>
    private static void Keep(Activity activity, HttpRequest request)
    {
        activity.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        activity.IsAllDataRequested = true;
        activity.SetTag("http.request.method", request.Method);
        activity.SetTag("url.scheme", request.Scheme);
        activity.SetTag("url.path", request.Path.Value);
        activity.SetTag("server.address", request.Host.Host);
        if (request.Host.Port is { } port)
        {
            activity.SetTag("server.port", port);
        }
    }
}
