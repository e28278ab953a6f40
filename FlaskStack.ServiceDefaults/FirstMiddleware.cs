using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FlaskStack.ServiceDefaults;

/// <summary>Puts a middleware before everything that the service itself adds.</summary>
internal sealed class FirstMiddleware(Func<HttpContext, RequestDelegate, Task> invoke) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(rest => context => invoke(context, rest));
        next(app);
    };
}

/// <summary>Registers a <see cref="FirstMiddleware"/>.</summary>
internal static class FirstMiddlewareExtensions
{
    public static void AddFirstMiddleware(this IServiceCollection services, Func<IServiceProvider, Func<HttpContext, RequestDelegate, Task>> create) =>
        services.AddSingleton<IStartupFilter>(provider => new FirstMiddleware(create(provider)));
}
