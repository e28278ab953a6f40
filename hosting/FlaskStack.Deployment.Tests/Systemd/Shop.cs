using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using FlaskStack.Deployment.Systemd;

namespace FlaskStack.Deployment.Tests.Systemd;

/// <summary>An application with something of everything that can be published.</summary>
internal static class Shop
{
    /// <summary>A project whose release is native code.</summary>
    public const string NativeProject = "<Project><PropertyGroup><PublishAot>true</PublishAot></PropertyGroup></Project>";

    /// <summary>Adds a project that is no more than its file.</summary>
    public static IResourceBuilder<ProjectResource> AddSmallProject(
        this IDistributedApplicationBuilder builder,
        string name,
        string projectFile = "<Project />")
    {
        var file = Path.GetFullPath($"../Shop.{name}/Shop.{name}.csproj", builder.AppHostDirectory);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, projectFile);
        return builder.AddProject(name, file).WithHttpEndpoint();
    }

    /// <summary>Adds the api, supervised and with secrets, and nginx before it.</summary>
    public static IResourceBuilder<NginxResource> AddShop(this IDistributedApplicationBuilder builder, string project = NativeProject)
    {
        // Other targets have nothing for a lifetime.
        var isServer = builder.Resources.OfType<SystemdTarget>().Any();
        var password = builder.AddParameter("db-password", secret: true);
        var region = builder.AddParameter("region");
        var api = builder.AddSmallProject("api", project)
            .WithReplicas(3)
            .WithHttpHealthCheck("/health")
            .WithEnvironment("Greeting", "50 % \"off\" for $HOME\\you $(all)")
            .WithEnvironment("Region", region)
            .WithEnvironment("Password", password)
            .WithEnvironment(
                "ConnectionStrings__db",
                ReferenceExpression.Create($"Host=db.example;Password={password};Url=pg://u:{password.Resource:uri}@db"))
            .WithEnvironment("Drain__Seconds", "4")
            .WithSupervisor(supervisor => supervisor with
            {
                ExitCodes = [0, 3],
                StartRetries = 5,
                MemoryLimit = 256L << 20,
                MaxLifetime = isServer ? TimeSpan.FromDays(1) : null,
                MaxLifetimeJitter = isServer ? TimeSpan.FromHours(1) : TimeSpan.Zero,
                MaxReplicas = 6,
            });
        File.WriteAllText(Path.Combine(builder.AppHostDirectory, "50x.html"), "<!doctype html>\n<p>Sorry.</p>\n");
        return builder.AddNginx("nginx", 8080)
            .WithReverseProxy("/", api)
            .WithCors(cors => cors.AllowAnyOrigin().WithMethods("GET", "POST").WithHeaders("Content-Type"))
            .WithErrorPage("50x.html", 500, 502, 503, 504)
            .WithProblemDetails()
            .WithServerSnippet("gzip off;")
            .WithExternalHttpEndpoints()
            .WithSupervisor();
    }
}
