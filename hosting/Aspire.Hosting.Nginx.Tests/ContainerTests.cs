using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Processes;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>nginx in a container of a real engine.</summary>
[Collection(NginxGroup.Name)]
[UnsupportedOSPlatform("windows")]
[Trait("Category", "Container")]
public sealed class ContainerTests
{
    /// <summary>An engine may have to pull two images.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    [ContainerFact]
    public async Task Serves_reloads_and_drains_in_a_container()
    {
        using var page = new TemporaryFile("sorry");
        var builder = Builder();
        var log = builder.RecordLog();
        var app = builder.AddContainer("app", "docker.io/library/nginx", "1.28-alpine").WithHttpEndpoint(targetPort: 80);
        var nginx = builder.AddNginx("nginx")
            .WithReverseProxy("/", app)
            .WithErrorPage(page.Path, 502)
            .WithCors(cors => cors.AllowAnyOrigin())
            .WaitFor(app)
            .RunAsContainer();
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        using var client = NginxApplication.Client(nginx.Resource.PrimaryEndpoint.Url);
        client.DefaultRequestHeaders.Add("Origin", "https://shop.example");

        using (var response = await client.GetAsync(new Uri("/", UriKind.Relative)))
        {
            Assert.Contains("Welcome to nginx", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(["*"], response.Headers.GetValues("Access-Control-Allow-Origin"));
        }

        var reload = await application.ResourceCommands.ExecuteCommandAsync("nginx", "reload").WaitAsync(Deadline);
        Assert.True(reload.Success, reload.Message);
        var maintenance = await application.ResourceCommands.ExecuteCommandAsync("nginx", "maintenance-on").WaitAsync(Deadline);
        Assert.True(maintenance.Success, maintenance.Message);
        await UntilAsync(async () => (int)(await client.GetAsync(new Uri("/", UriKind.Relative))).StatusCode == 503);
        Assert.DoesNotContain(log, static line => line.Contains("does not reach", StringComparison.Ordinal));
        await application.StopAsync().WaitAsync(Deadline);
    }

    [ContainerFact]
    public async Task Says_which_resource_the_container_does_not_reach()
    {
        var builder = Builder();
        builder.Configuration["ASPIRE_ENABLE_CONTAINER_TUNNEL"] = "false";
        var log = builder.RecordLog();
        var api = builder.AddSample("api").WithHttpEndpoint(isProxied: false);
        builder.AddNginx("nginx").WithReverseProxy("/", api).WaitFor(api).RunAsContainer();
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);

        await UntilAsync(() => Task.FromResult(log.Any(static line =>
            line.Contains("nginx's container does not reach 'api' at ", StringComparison.Ordinal)
            && line.Contains("ASPIRE_ENABLE_CONTAINER_TUNNEL=true", StringComparison.Ordinal))));
        await application.StopAsync().WaitAsync(Deadline);
    }

    [ContainerFact]
    public async Task Balances_over_programs_of_this_machine()
    {
        var builder = Builder();
        var log = builder.RecordLog();
        IResourceBuilder<ProjectResource>[] apps =
            [builder.AddSample("app1").WithHttpEndpoint(isProxied: false), builder.AddSample("app2").WithHttpEndpoint(isProxied: false)];
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", apps).WaitFor(apps[0]).WaitFor(apps[1]).RunAsContainer();
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        using var client = NginxApplication.Client(nginx.Resource.PrimaryEndpoint.Url);

        var processes = new HashSet<string>(StringComparer.Ordinal);
        await UntilAsync(async () =>
        {
            processes.Add(await client.GetStringAsync(new Uri("/pid", UriKind.Relative)));
            return processes.Count == 2;
        });
        Assert.DoesNotContain(log, static line => line.Contains("does not reach", StringComparison.Ordinal));
        await application.StopAsync().WaitAsync(Deadline);
    }

    private static IDistributedApplicationBuilder Builder()
    {
        var builder = TestApplication.CreateBuilder();
        builder.Configuration["Nginx:Mode"] = "";
        return builder;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
        }
    }
}

/// <summary>A test that needs a container engine that answers.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ContainerFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Problem = new(static () =>
    {
        using var application = TestApplication.CreateBuilder().Build();
        return ContainerEngine.FindAsync(application.Services, CancellationToken.None).GetAwaiter().GetResult().Problem;
    });

    public ContainerFactAttribute() => Skip = Problem.Value;
}
