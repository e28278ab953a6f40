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
/// records method, scheme and path at the start.
/// </summary>
internal sealed class RequestActivityFilter : IStartupFilter
{
    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(rest => context => context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } activity
            ? DescribeAfterAsync(rest, context, activity)
            : rest(context));
        next(app);
    };

    private static async Task DescribeAfterAsync(RequestDelegate rest, HttpContext context, Activity activity)
    {
        try
        {
            await rest(context).ConfigureAwait(false);
        }
        finally
        {
            Describe(context, activity);
        }
    }

    private static void Describe(HttpContext context, Activity activity)
    {
        var status = context.Response.StatusCode;
        var failed = status >= StatusCodes.Status500InternalServerError;
        if (!failed && !activity.Recorded)
        {
            // Nobody will see it.
            return;
        }

        activity.SetTag("http.response.status_code", status);
        if (failed)
        {
            activity.SetTag("error.type", status.ToString(CultureInfo.InvariantCulture));
            activity.SetStatus(ActivityStatusCode.Error);
        }

        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        activity.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        if (route is not null)
        {
            activity.SetTag("http.route", route);
        }
    }
}
