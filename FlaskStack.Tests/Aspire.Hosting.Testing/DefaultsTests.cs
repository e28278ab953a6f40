using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace FlaskStack.Tests.HostingTesting;

public sealed class DefaultsTests : IDisposable
{
    private readonly DirectoryInfo _project = Directory.CreateTempSubdirectory("flaskstack-launch-");

    public DefaultsTests() => File.WriteAllText(ProjectFile, "<Project />");

    private string ProjectFile => Path.Combine(_project.FullName, "Some.AppHost.csproj");

    public void Dispose() => _project.Delete(recursive: true);

    [Fact]
    public void A_tested_AppHost_has_random_ports_no_dashboard_and_its_own_folder()
    {
        var (options, settings) = Apply();

        Assert.True(options.DisableDashboard);
        Assert.True(options.EnableResourceLogging);
        Assert.Equal("FlaskStack.AppHost", options.AssemblyName);
        Assert.Equal("FlaskStack.AppHost", settings.ApplicationName);
        Assert.Equal(Projects.FlaskStack_AppHost.ProjectPath, settings.ContentRootPath);
        Assert.Equal("true", settings.Configuration!["DcpPublisher:RandomizePorts"]);
        Assert.Equal("true", settings.Configuration["ASPIRE_ALLOW_UNSECURED_TRANSPORT"]);
    }

    [Fact]
    public void What_the_AppHost_was_given_stands()
    {
        var (_, settings) = Apply("ASPNETCORE_URLS=http://localhost:1234");

        Assert.Null(settings.Configuration!["ASPNETCORE_URLS"]);
    }

    [Fact]
    public void The_first_launch_profile_is_loaded_as_environment()
    {
        WriteLaunchSettings("""
            {
              // comments are allowed here
              "profiles": {
                "dev": { "environmentVariables": { "DOTNET_ENVIRONMENT": "Development", "Api__Replicas": "4" } },
                "other": { "environmentVariables": { "Api__Replicas": "5" } },
              }
            }
            """);

        var configuration = AppHostLaunchProfile.Find(ProjectFile, null)!.ToConfiguration();

        Assert.Equal("dev", configuration["DOTNET_LAUNCH_PROFILE"]);
        Assert.Equal("Development", configuration["environment"]);
        Assert.Equal("4", configuration["Api:Replicas"]);
    }

    [Fact]
    public void A_launch_profile_is_found_by_its_name()
    {
        WriteLaunchSettings("""{ "profiles": { "dev": {}, "other": { "environmentVariables": { "A": "b" } } } }""");

        Assert.Equal("b", AppHostLaunchProfile.Find(ProjectFile, "other")!.ToConfiguration()["A"]);
    }

    [Fact]
    public void A_launch_profile_that_does_not_exist_is_an_error_that_names_it_and_the_others()
    {
        WriteLaunchSettings("""{ "profiles": { "dev": {} } }""");

        var exception = Assert.Throws<DistributedApplicationException>(() => AppHostLaunchProfile.Find(ProjectFile, "prod"));

        Assert.Contains("'prod'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("its profiles are: dev", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{ "profiles": [] }""")]
    [InlineData("""{ "profiles": { "dev": { "environmentVariables": { "A": 1 } } } }""")]
    public void Launch_settings_that_cannot_be_read_are_an_error_that_names_the_file(string content)
    {
        WriteLaunchSettings(content);

        var exception = Assert.Throws<DistributedApplicationException>(() => AppHostLaunchProfile.Find(ProjectFile, null));

        Assert.Contains("launchSettings.json", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_without_launch_settings_has_no_profile()
    {
        Assert.Null(AppHostLaunchProfile.Find(ProjectFile, null));
    }

    private static (DistributedApplicationOptions Options, HostApplicationBuilderSettings Settings) Apply(params string[] args)
    {
        var options = new DistributedApplicationOptions();
        var settings = new HostApplicationBuilderSettings { Configuration = new ConfigurationManager() };
        TestingDefaults.Apply(options, settings, args, typeof(Projects.FlaskStack_AppHost).Assembly);
        return (options, settings);
    }

    private void WriteLaunchSettings(string content)
    {
        var folder = _project.CreateSubdirectory("Properties");
        File.WriteAllText(Path.Combine(folder.FullName, "launchSettings.json"), content);
    }
}
