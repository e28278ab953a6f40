using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace FlaskStack.ServiceDefaults.Health;

/// <summary>Counts before anything else answers.</summary>
internal sealed class ServedRequestsStartupFilter(ServedRequests requests) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(rest => context => requests.InvokeAsync(context, rest));
        next(app);
    };
}
