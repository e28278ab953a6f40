using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FlaskStack.Tests.Hosting.Dashboard;

public sealed class RegistrationTests
{
    [Fact]
    public async Task A_run_has_a_dashboard_that_stops_after_everything_else()
    {
        await using var app = Build("--DcpPublisher:RandomizePorts=true");

        Assert.IsType<DashboardHost>(app.Services.GetServices<IHostedService>().First());
        Assert.True(app.Services.GetRequiredService<DashboardStatus>().IsEnabled);
    }

    [Fact]
    public async Task A_run_without_dashboard_has_nothing_of_it()
    {
        await using var app = Build("--Dashboard:Enabled=false");

        Assert.DoesNotContain(app.Services.GetServices<IHostedService>(), service => service is DashboardHost);
        var status = app.Services.GetRequiredService<DashboardStatus>();
        Assert.False(status.IsEnabled);
        Assert.Null(status.LoginUrl);
        Assert.False(await status.WaitForFirstOutcomeAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_manifest_is_written_without_a_dashboard()
    {
        await using var app = Build("--operation", "publish", "--ASPNETCORE_URLS=nonsense");

        Assert.DoesNotContain(app.Services.GetServices<IHostedService>(), service => service is DashboardHost);
        Assert.DoesNotContain(app.Services.GetRequiredService<DistributedApplicationModel>().Resources, resource => resource is DashboardResource);
    }

    [Fact]
    public void A_wrong_setting_stops_the_build()
    {
        var error = Assert.Throws<DistributedApplicationException>(() => Build("--ASPNETCORE_URLS=nonsense"));

        Assert.Contains("ASPNETCORE_URLS", error.Message, StringComparison.Ordinal);
    }

    private static DistributedApplication Build(params string[] args) => DistributedApplication.CreateBuilder(args).Build();
}
