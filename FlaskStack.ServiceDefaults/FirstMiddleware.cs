using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace FlaskStack.ServiceDefaults;

/// <summary>Puts a middleware before everything that the service itself adds.</summary>
/// <param name="invoke">The middleware.</param>
internal sealed class FirstMiddleware(Func<HttpContext, RequestDelegate, Task> invoke) : IStartupFilter
{
    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(rest => context => invoke(context, rest));
        next(app);
    };
}
