using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using FlaskStack.Deployment.Model;
using FlaskStack.Deployment.Tests.Systemd;

namespace FlaskStack.Deployment.Tests;

/// <summary>The address of a collector, which every target passes on to what makes telemetry.</summary>
public class OtlpEndpointTests
{
    private const string Variable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    [Theory]
    [InlineData("publish-compose", "docker-compose.yaml", $"{Variable}: http://collector:4317\n", $"{Variable}: http://own:4317\n")]
    [InlineData(
        "publish-systemd",
        "etc/systemd/system/shop-api@.service",
        $"Environment={Variable}=http://collector:4317\n",
        $"Environment={Variable}=http://own:4317\n")]
    [InlineData(
        "publish-kubernetes",
        "api-deployment.yaml",
        $"name: {Variable}\n              value: http://collector:4317\n",
        $"name: {Variable}\n              value: http://own:4317\n")]
    public async Task Telemetry_goes_to_the_collector_of_the_target(string step, string file, string written, string ownWritten)
    {
        using var files = await PublishedFiles.WriteAsync(step, builder =>
        {
            Add(builder, step, ReferenceExpression.Create($"{builder.AddParameter("collector", "http://collector:4317")}"));
            builder.AddSmallProject("api");
            builder.AddSmallProject("other").WithEnvironment(Variable, "http://own:4317");
        });

        Assert.Contains(written, files[file], StringComparison.Ordinal);
        Assert.Contains(ownWritten, files[file.Replace("api", "other", StringComparison.Ordinal)], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("publish-compose", ".env", "COLLECTOR=\n")]
    [InlineData("publish-systemd", "etc/shop/api.env", $"{Variable}=\"CHANGE-ME-collector\"\n")]
    [InlineData("publish-kubernetes", "parameters.yaml", "  collector: CHANGE-ME\n")]
    public async Task A_collector_that_is_not_known_yet_is_filled_in_at_deployment(string step, string file, string line)
    {
        using var files = await PublishedFiles.WriteAsync(step, builder =>
        {
            Add(builder, step, ReferenceExpression.Create($"{builder.AddParameter("collector")}"));
            builder.AddSmallProject("api");
        });

        Assert.Contains(line, files[file], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_takes_the_place_of_the_dashboard()
    {
        using var files = await PublishedFiles.WriteAsync("publish-compose", static builder =>
        {
            builder.AddComposeTarget(
                "compose", static target => target.OtlpEndpoint = ReferenceExpression.Create($"http://collector:4317"));
            builder.AddSmallProject("api");
        });
        var error = await PublishedFiles.ErrorAsync("publish-compose", static builder =>
        {
            builder.AddComposeTarget("compose", static target =>
                (target.OtlpEndpoint, target.HasDashboard) = (ReferenceExpression.Create($"http://collector:4317"), true));
            builder.AddSmallProject("api");
        });

        Assert.DoesNotContain("dashboard", files["docker-compose.yaml"], StringComparison.Ordinal);
        Assert.Contains("leave out one of OtlpEndpoint and HasDashboard", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_with_a_collector_of_its_own_is_not_given_the_key_of_the_dashboard()
    {
        using var files = await PublishedFiles.WriteAsync("publish-compose", static builder =>
        {
            builder.AddComposeTarget("compose");
            builder.AddSmallProject("api").WithEnvironment(Variable, "http://own:4317");
        });

        Assert.DoesNotContain("x-otlp-api-key", files["docker-compose.yaml"], StringComparison.Ordinal);
    }

    private static void Add(IDistributedApplicationBuilder builder, string step, ReferenceExpression collector)
    {
        DeploymentTarget target = step switch
        {
            "publish-compose" => builder.AddComposeTarget("compose").Resource,
            "publish-kubernetes" => builder.AddKubernetesTarget("kubernetes").Resource,
            _ => builder.AddSystemdTarget("systemd").Resource,
        };
        (target.ApplicationName, target.OtlpEndpoint) = ("shop", collector);
    }
}
