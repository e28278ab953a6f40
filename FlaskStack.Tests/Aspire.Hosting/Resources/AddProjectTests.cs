using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Resources;

public sealed class AddProjectTests : IDisposable
{
    private const string TwoProfiles = """
        {
          // Comments are fine here.
          "profiles": {
            "IIS": { "commandName": "IISExpress", "applicationUrl": "http://localhost:1" },
            "http": {
              "commandName": "Project",
              "applicationUrl": "http://localhost:5100;https://localhost:5101;http://localhost:5102",
              "launchUrl": "docs",
              "commandLineArgs": "--mode \"a b\"",
              "environmentVariables": { "ASPNETCORE_ENVIRONMENT": "Development", "FROM_HOST": "%RESOURCES_TEST_HOME%!" },
            },
            "other": { "commandName": "Project", "applicationUrl": "http://localhost:5200" },
          }
        }
        """;

    private readonly ProjectFolder _project = new();
    private readonly IDistributedApplicationBuilder _builder = Model.Create();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void The_first_project_profile_gives_the_endpoints()
    {
        var api = _builder.AddProject("api", _project.Write(TwoProfiles).Path);

        var endpoints = api.Resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => (endpoint.Name, endpoint.UriScheme, endpoint.Port));
        Assert.Equal([("http", "http", 5100), ("https", "https", 5101), ("http2", "http", 5102)], endpoints);
    }

    [Fact]
    public void The_named_profile_comes_first()
    {
        var api = _builder.AddProject("api", _project.Write(TwoProfiles).Path, "other");

        Assert.Equal(5200, api.GetEndpoint("http").EndpointAnnotation.Port);
    }

    [Fact]
    public void The_profile_of_the_AppHost_is_used_if_the_project_has_it()
    {
        _builder.Configuration["DOTNET_LAUNCH_PROFILE"] = "other";

        var api = _builder.AddProject("api", _project.Write(TwoProfiles).Path);

        Assert.Equal(5200, api.GetEndpoint("http").EndpointAnnotation.Port);
    }

    [Fact]
    public void A_profile_that_is_missing_is_named_with_those_that_exist()
    {
        var error = Assert.Throws<DistributedApplicationException>(() => _builder.AddProject("api", _project.Write(TwoProfiles).Path, "htpp"));

        Assert.Contains("'htpp'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'other'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_profile_there_are_no_endpoints()
    {
        var api = _builder.AddProject("api", _project.Write(TwoProfiles).Path, launchProfileName: null);

        Assert.Empty(api.Resource.GetEndpoints());
    }

    [Fact]
    public async Task The_profile_never_overwrites_a_variable_and_expands_others()
    {
        Environment.SetEnvironmentVariable("RESOURCES_TEST_HOME", "here");
        var api = _builder.AddProject("api", _project.Write(TwoProfiles).Path);
        api.Resource.Annotations.Insert(0, new EnvironmentCallbackAnnotation("ASPNETCORE_ENVIRONMENT", () => "Mine"));

        var resolved = await Model.Resolve(_builder, api.Resource);
        var environment = new Dictionary<string, string>(resolved.Environment);

        Assert.Equal("Mine", environment["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("here!", environment["FROM_HOST"]);
        Assert.Equal("http", environment["DOTNET_LAUNCH_PROFILE"]);
        Assert.Equal([("--mode", false), ("a b", false)], resolved.Arguments);
    }

    [Fact]
    public async Task Kestrel_settings_beat_the_profile_and_each_replica_gets_its_own_port()
    {
        const string Settings = """{ "Kestrel": { "Endpoints": { "Main": { "Url": "http://localhost:6000", "Protocols": "Http2" } } } }""";
        var api = _builder.AddProject("api", _project.Write(TwoProfiles, Settings).Path);
        Model.Allocate(api, "http", 6000);
        var endpoint = Assert.Single(api.Resource.Annotations.OfType<EndpointAnnotation>());
        var replica = new AllocatedEndpoint(endpoint, "localhost", 6007);

        var environment = await Model.EnvironmentOf(_builder, api.Resource, new ValueProviderContext { ResolveOwnEndpoint = _ => replica });

        Assert.Equal("http2", endpoint.Transport);
        Assert.Equal("http://localhost:6007", environment["Kestrel__Endpoints__Main__Url"]);
    }

    [Fact]
    public void A_missing_project_is_named()
    {
        var error = Assert.Throws<DistributedApplicationException>(() => _builder.AddProject("api", "nowhere/Api.csproj"));

        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_launch_settings_are_named()
    {
        var error = Assert.Throws<DistributedApplicationException>(() => _builder.AddProject("api", _project.Write("{").Path));

        Assert.Contains("launchSettings.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_than_one_replica_is_refused()
    {
        var api = _builder.AddProject("api", _project.Write().Path);

        Assert.Throws<ArgumentOutOfRangeException>(() => api.WithReplicas(0));
        Assert.Equal(4, api.WithReplicas(2).WithReplicas(4).Resource.GetReplicaCount());
    }

    [Fact]
    public async Task Published_a_web_project_listens_where_the_deployment_says()
    {
        var builder = Model.Publish();
        var api = builder.AddProject("api", _project.Write(TwoProfiles).Path);

        var variables = await ConfigurationResolver.CollectVariablesAsync(api.Resource, builder.ExecutionContext, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, default);

        Assert.Equal("true", variables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"]);
        Assert.Equal("{api.bindings.http.targetPort}", ((IManifestExpressionProvider)variables["HTTP_PORTS"]).ValueExpression);
        Assert.DoesNotContain("HTTPS_PORTS", variables.Keys);
        Assert.DoesNotContain("DOTNET_LAUNCH_PROFILE", variables.Keys);
        Assert.Equal(["http", "https"], api.Resource.GetEndpoints().Select(endpoint => endpoint.EndpointName));
    }
}
