using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace FlaskStack.ServiceDefaults.Draining;

/// <summary>Puts the drain before everything else that answers requests.</summary>
internal sealed class DrainStartupFilter(ConnectionDrain drain) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(rest => context => drain.InvokeAsync(context, rest));
        next(app);
    };
}
