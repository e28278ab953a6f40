using FlaskStack.ServiceDefaults;
using FlaskStack.ServiceDefaults.Draining;
using FlaskStack.ServiceDefaults.Health;
using FlaskStack.ServiceDefaults.Systemd;
using FlaskStack.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service of the stack has: telemetry, health checks, service discovery, resilient HTTP calls, room for bursts of connections, a stop that loses no request, and messages to systemd where it starts the service.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// How many connections may wait to be accepted: as many as Linux grants (<c>net.core.somaxconn</c>), and as many as nginx lets wait.
    /// Kestrel's own 512 are soon taken when thousands of clients come at once, and on a Unix socket the proxy is then refused at once.
    /// </summary>
    private const int Backlog = 4096;

    /// <summary>Adds the defaults.</summary>
    /// <typeparam name="TBuilder">The kind of builder.</typeparam>
    /// <param name="builder">The builder of the service.</param>
    /// <returns>The builder.</returns>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddTelemetry();
        builder.AddDraining();
        builder.AddSystemdMessages();
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.Backlog = Backlog);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            // Resilience outside, so that each attempt goes to the next endpoint.
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
        builder.Services.AddSingleton<ServedRequests>();
        builder.Services.AddSingleton<IStartupFilter>(provider => new FirstMiddleware(provider.GetRequiredService<ServedRequests>().InvokeAsync));
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [HealthPaths.LiveTag]);
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (ready: all checks pass), <c>/alive</c> (the checks tagged <c>live</c> pass) and <c>/alive/requests</c> (how
    /// many requests were served, as plain text).
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns>The application.</returns>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var methods = new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]);
        app.MapHealthChecks(HealthPaths.Ready).WithMetadata(methods);
        app.MapHealthChecks(HealthPaths.Alive, new HealthCheckOptions { Predicate = check => check.Tags.Contains(HealthPaths.LiveTag) }).WithMetadata(methods);
        app.MapMethods(HealthPaths.Served, [HttpMethods.Get], app.Services.GetRequiredService<ServedRequests>().TellAsync);
        return app;
    }
}
