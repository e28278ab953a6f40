using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace FlaskStack.ServiceDefaults.Draining;

/// <summary>Registers the drain of connections at a stop.</summary>
internal static class DrainingExtensions
{
    public static void AddDraining(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(DrainOptions.Read(builder.Configuration));
        services.AddSingleton<OpenConnections>();
        services.AddSingleton<ConnectionDrain>();
        services.AddSingleton<IStartupFilter>(provider => new FirstMiddleware(provider.GetRequiredService<ConnectionDrain>().InvokeAsync));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<ConnectionDrain>());
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, ConnectionCounting>();
    }

    /// <summary>Counts the connections of every endpoint.</summary>
    private sealed class ConnectionCounting(OpenConnections connections) : IConfigureOptions<KestrelServerOptions>
    {
        public void Configure(KestrelServerOptions options) =>
            options.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection => connections.CountAsync(connection, next)));
    }
}
