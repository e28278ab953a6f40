using System.Text;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Deployment.Tests.ContainerApps;

public sealed class ManifestTests : IDisposable
{
    private const string Secret = "do-not-tell-4711";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Writes_every_kind_of_resource() => GoldenFile.AssertEqual([("kinds.json", await WriteAsync(AddEveryKind))]);

    [Fact]
    public async Task Keeps_azds_rules_with_every_kind_that_azd_knows()
    {
        using var manifest = JsonDocument.Parse(await WriteAsync(builder =>
        {
            AddEveryKind(builder);
            builder.Resources.Remove(builder.Resources.Single(resource => resource.Name == "tool"));
        }));

        Assert.Empty(AzdRules.Check(manifest, _folder.Path));
    }

    [Fact]
    public async Task Tells_no_secret()
    {
        await WriteAsync(AddEveryKind);

        Assert.All(
            TemporaryFolder.FilesIn(_folder.Path).Values,
            content => Assert.DoesNotContain(Secret, Encoding.UTF8.GetString(content), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Writes_the_same_bytes_again_over_the_file_there_is()
    {
        var first = await WriteAsync(AddEveryKind);

        Assert.Equal(first, await WriteAsync(AddEveryKind));
    }

    [Fact]
    public async Task Goes_into_a_folder_under_its_usual_name()
    {
        await Publisher.RunAsync("publish-manifest", _folder["out"], _folder.Path, builder => builder.AddParameter("p", "v"));

        Assert.Equal(["aspire-manifest.json"], TemporaryFolder.FilesIn(_folder["out"]).Keys);
    }

    [Fact]
    public async Task Says_how_many_replicas_of_a_project_there_are()
    {
        await WriteAsync(builder =>
        {
            builder.AddContainerAppModules();
            builder.AddSmallProject("plain");
            builder.AddSmallProject("three").WithReplicas(3);
            builder.AddSmallProject("kept").WithSupervisor(supervisor => supervisor with { MaxReplicas = 5 });
        });

        Assert.Equal(
            ["kept.module.bicep", "manifest.json", "three.module.bicep"],
            TemporaryFolder.FilesIn(_folder.Path).Keys.Where(file => !file.EndsWith(".csproj", StringComparison.Ordinal)));
        Assert.Contains("minReplicas: 3\n", File.ReadAllText(_folder["three.module.bicep"]), StringComparison.Ordinal);
        Assert.Contains("maxReplicas: 5\n", File.ReadAllText(_folder["kept.module.bicep"]), StringComparison.Ordinal);
        using var manifest = JsonDocument.Parse(File.ReadAllText(_folder["manifest.json"]));
        Assert.Empty(AzdRules.Check(manifest, _folder.Path));
    }

    [Fact]
    public async Task Protects_data_across_replicas_and_asks_them_how_they_are()
    {
        await WriteAsync(builder =>
        {
            builder.AddContainerAppModules();
            builder.AddSmallProject("api").WithReplicas(3).WithHttpHealthCheck("/health").WithSupervisor();
            builder.AddSmallProject("plain").WithReplicas(3);
        });

        var module = File.ReadAllText(_folder["api.module.bicep"]);
        Assert.Contains("autoConfigureDataProtection: true\n", module, StringComparison.Ordinal);
        var probes = module.Split("type: '").Skip(2).Select(static probe => string.Join(' ', probe.Split('\n')
            .Select(static line => line.Trim().TrimEnd('\''))
            .Where(static line => !line.StartsWith("httpGet", StringComparison.Ordinal) && line is not ("{" or "}")).Take(6)));
        Assert.Equal(
            [
                "Startup path: '/health port: int(api_containerport) periodSeconds: 6 timeoutSeconds: 3 failureThreshold: 10",
                "Readiness path: '/health port: int(api_containerport) periodSeconds: 5 timeoutSeconds: 3 failureThreshold: 2",
                "Liveness path: '/alive port: int(api_containerport) periodSeconds: 10 timeoutSeconds: 3 failureThreshold: 3",
            ],
            probes);
        Assert.DoesNotContain("probes", File.ReadAllText(_folder["plain.module.bicep"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_out_what_is_excluded()
    {
        using var manifest = JsonDocument.Parse(await WriteAsync(builder => builder.AddResource(new Unknown("odd")).ExcludeFromManifest()));

        Assert.Empty(manifest.RootElement.GetProperty("resources").EnumerateObject());
    }

    public void Dispose() => _folder.Dispose();

    private static void AddEveryKind(IDistributedApplicationBuilder builder)
    {
        builder.Configuration["Parameters:password"] = Secret;
        var password = builder.AddParameter("password", secret: true);
        var region = builder.AddParameter("region", "north");
        var external = builder.AddExternalService("weather", "https://weather.example/");
        var database = builder.AddConnectionString("database");
        var queue = builder.AddConnectionString("queue", ReferenceExpression.Create($"amqp://me:{password.Resource:uri}@queue:5672"));
        var cache = builder.AddContainer("cache", "redis", "7")
            .WithEndpoint(targetPort: 6379, name: "tcp")
            .WithVolume("cache-data", "/data")
            .WithArgs("--save", "60");
        Directory.CreateDirectory(Path.Join(builder.AppHostDirectory, "web"));
        File.WriteAllText(Path.Join(builder.AppHostDirectory, "web", "Dockerfile"), "FROM scratch");
        var api = builder.AddSmallProject("api").WithReference(queue).WithReference(external).WithReference(database)
            .WithEnvironment("REGION", region);
        builder.AddDockerfile("web", "web").WithHttpEndpoint(targetPort: 3000).WithExternalHttpEndpoints()
            .WithReference(api.GetEndpoint("http"))
            .WithEnvironment("CACHE", cache.GetEndpoint("tcp").Property(EndpointProperty.HostAndPort));
        builder.AddExecutable("tool", "tool", ".", "--verbose").WithEnvironment("PASSWORD", password);
    }

    private async Task<string> WriteAsync(Action<IDistributedApplicationBuilder> declare)
    {
        await Publisher.RunAsync("publish-manifest", _folder["manifest.json"], _folder.Path, declare);
        return await File.ReadAllTextAsync(_folder["manifest.json"]);
    }

    private sealed class Unknown(string name) : Resource(name);
}
