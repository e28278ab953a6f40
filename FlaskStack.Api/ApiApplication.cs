using FlaskStack.Api.Configuration;
using FlaskStack.Api.Http;
using FlaskStack.Api.OpenApi;
using FlaskStack.Api.Server;
using FlaskStack.Api.Telemetry;

namespace FlaskStack.Api;

/// <summary>Builds and runs the service.</summary>
internal static class ApiApplication
{
    /// <summary>Runs until a signal stops it.</summary>
    /// <param name="build">Builds the service.</param>
    /// <returns>0 after a stop, 1 when the configuration or an address cannot be used.</returns>
    public static async Task<int> RunAsync(Func<WebApplication> build)
    {
        try
        {
            var app = build();
            await using (app.ConfigureAwait(false))
            {
                await app.StartAsync().ConfigureAwait(false);
                await app.WaitForShutdownAsync().ConfigureAwait(false);
            }

            return 0;
        }
        catch (Exception exception) when (StartError.Describe(exception) is { } description)
        {
            await Console.Error.WriteLineAsync($"FlaskStack.Api cannot start: {description}").ConfigureAwait(false);
            return 1;
        }
    }

    /// <summary>Builds the service without starting it.</summary>
    /// <param name="args">The command line: <c>--Key=value</c> pairs of configuration.</param>
    /// <param name="configure">Last word on configuration and services.</param>
    /// <returns>The application, ready to start.</returns>
    /// <exception cref="ApiConfigurationException">A setting has a value that cannot be used.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // Settings are read once: a replica is replaced to change them, so nothing has to watch the files.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
        builder.AddServiceDefaults();
        builder.Services.AddSingleton(services => ApiOptions.Read(services.GetRequiredService<IConfiguration>()));
        builder.Services.AddSingleton<ServerApi>();
        builder.Services.AddSingleton<ServerEndpoint>();
        builder.Services.AddSingleton<ApiMetrics>();
        builder.Services.AddRequestDecompression();
        builder.Services.AddApiDocument();
        configure?.Invoke(builder);

        var options = ApiOptions.Read(builder.Configuration);
        builder.WebHost.ConfigureKestrel(kestrel => KestrelSetup.Apply(kestrel, options));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain);

        var app = builder.Build();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseRouting();
        app.UseBodyDecompression();
        app.MapDefaultEndpoints();
        app.MapHello();
        app.MapServer();
        if (app.Environment.IsDevelopment())
        {
            app.MapApiDocument();
        }

        return app;
    }
}
