using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Resources;

public sealed class WithReferenceTests : IDisposable
{
    private readonly ProjectFolder _project = new();
    private readonly IDistributedApplicationBuilder _builder = Model.Create();

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task Every_replica_is_brought_for_service_discovery()
    {
        var api = Api().WithReplicas(3);
        Model.Allocate(api, "http", 5001, 5002, 5003);
        var web = Web().WithReference(api);

        var environment = await Model.EnvironmentOf(_builder, web.Resource);

        Assert.Equal("http://localhost:5001", environment["services__my-api__http__0"]);
        Assert.Equal("http://localhost:5002", environment["services__my-api__http__1"]);
        Assert.Equal("http://localhost:5003", environment["services__my-api__http__2"]);
        Assert.Equal("http://localhost:5001", environment["MY_API_HTTP"]);
    }

    [Fact]
    public async Task Replicas_are_awaited()
    {
        var api = Api().WithReplicas(2);
        var web = Web().WithReference(api);
        var environment = Model.EnvironmentOf(_builder, web.Resource);
        Assert.False(environment.IsCompleted);

        Model.Allocate(api, "http", 5001, 5002);

        Assert.Equal("http://localhost:5002", (await environment)["services__my-api__http__1"]);
    }

    [Fact]
    public async Task A_named_endpoint_keeps_its_name_for_service_discovery()
    {
        var api = Api().WithHttpEndpoint(name: "admin");
        Model.Allocate(api, "http", 5001);
        Model.Allocate(api, "admin", 5002);
        var web = Web().WithReference(api.GetEndpoint("admin"));

        var environment = await Model.EnvironmentOf(_builder, web.Resource);

        Assert.Equal("http://localhost:5002", environment["services__my-api__admin__0"]);
        Assert.Equal("http://localhost:5002", environment["MY_API_ADMIN"]);
        Assert.DoesNotContain("services__my-api__http__0", environment.Keys);
    }

    [Fact]
    public async Task Two_names_for_one_service_both_count()
    {
        var api = Api();
        Model.Allocate(api, "http", 5001);
        var web = Web().WithReference(api).WithReference(api, "orders");

        var environment = await Model.EnvironmentOf(_builder, web.Resource);

        Assert.Equal("http://localhost:5001", environment["services__my-api__http__0"]);
        Assert.Equal("http://localhost:5001", environment["services__orders__http__0"]);
    }

    [Fact]
    public async Task Flags_choose_what_is_brought()
    {
        var api = Api();
        Model.Allocate(api, "http", 5001);
        var web = Web().WithReference(api).WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.Endpoints);

        Assert.Equal(["MY_API_HTTP"], (await Model.EnvironmentOf(_builder, web.Resource)).Keys);
    }

    [Fact]
    public async Task A_connection_string_is_brought_with_its_parts_and_is_sensitive()
    {
        _builder.Configuration["ConnectionStrings:db"] = "Host=x";
        var database = _builder.AddConnectionString("db").WithConnectionProperty("Host", "x");
        var web = Web().WithReference(database, "main");

        var resolved = await Model.Resolve(_builder, web.Resource);

        Assert.Contains(KeyValuePair.Create("ConnectionStrings__main", "Host=x"), resolved.Environment);
        Assert.Contains(KeyValuePair.Create("MAIN_HOST", "x"), resolved.Environment);
        Assert.Contains("ConnectionStrings__main", resolved.SensitiveVariables);
        Assert.DoesNotContain("MAIN_HOST", resolved.SensitiveVariables);
    }

    [Fact]
    public async Task A_missing_connection_string_fails_unless_it_is_optional()
    {
        var database = _builder.AddConnectionString("db");
        var strict = Web("strict").WithReference(database);
        var lenient = Web("lenient").WithReference(database, optional: true);

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => Model.Resolve(_builder, strict.Resource));

        Assert.Contains("ConnectionStrings__db", error.Message, StringComparison.Ordinal);
        Assert.Empty((await Model.Resolve(_builder, lenient.Resource)).Environment);
    }

    [Fact]
    public async Task An_external_service_is_brought_by_its_scheme()
    {
        var service = _builder.AddExternalService("weather", "https://weather.example/");
        var web = Web().WithReference(service);

        var environment = await Model.EnvironmentOf(_builder, web.Resource);

        Assert.Equal("https://weather.example/", environment["services__weather__https__0"]);
        Assert.Equal("https://weather.example/", environment["WEATHER"]);
    }

    [Fact]
    public async Task A_parameter_that_is_no_address_is_named()
    {
        var url = _builder.AddParameter("weather-url", "nowhere");
        var web = Web().WithReference(_builder.AddExternalService("weather", url));

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => Model.Resolve(_builder, web.Resource));

        Assert.Contains("'weather-url'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://h/?q=1")]
    [InlineData("http://h/#f")]
    [InlineData("/relative")]
    public void An_address_with_query_or_fragment_or_without_host_is_refused(string url)
    {
        Assert.Throws<ArgumentException>(() => _builder.AddExternalService("weather", url));
        Assert.Throws<InvalidOperationException>(() => Web().WithReference("weather", new Uri(url, UriKind.RelativeOrAbsolute)));
    }

    [Fact]
    public void Referring_twice_is_recorded_once()
    {
        var api = Api();
        var web = Web().WithReference(api).WithReference(api.GetEndpoint("http")).WithEnvironment("URL", api.GetEndpoint("http"));

        var relationship = Assert.Single(web.Resource.Annotations.OfType<ResourceRelationshipAnnotation>());
        Assert.Same(api.Resource, relationship.Resource);
        Assert.Equal("Reference", relationship.Type);
    }

    private IResourceBuilder<ProjectResource> Api() => _builder.AddProject("my-api", _project.Write().Path).WithHttpEndpoint();

    private IResourceBuilder<ExecutableResource> Web(string name = "web") => _builder.AddExecutable(name, "true", ".");
}
