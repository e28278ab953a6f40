using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Processes;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Where an instance may answer, as its row and the model say it.</summary>
public class InstanceAddressesTests
{
    [Fact]
    public void Prefers_a_socket_to_the_port_beside_it() =>
        Assert.Equal(
            ["unix:/run/api-1.sock", "127.0.0.1:12345", "[::1]:12345"],
            Read(Project("http"), ("ASPNETCORE_URLS", "http://localhost:12345;http://unix:/run/api-1.sock")));

    [Theory]
    [InlineData("KESTREL__ENDPOINTS__UDS__URL")]
    [InlineData("Kestrel__Endpoints__Uds__Url")]
    [InlineData("URLS")]
    public void Finds_a_socket_wherever_Kestrel_reads_it(string name) =>
        Assert.Equal(["unix:/run/api.sock"], Read(Project("http"), (name, "http://unix:/run/api.sock")));

    [Fact]
    public void Takes_the_addresses_of_the_endpoint_s_scheme_only() =>
        Assert.Equal(["127.0.0.1:5001", "[::1]:5001"], Read(Project("http"), ("ASPNETCORE_URLS", "https://localhost:5002;http://+:5001")));

    [Fact]
    public void Reads_a_list_of_ports() =>
        Assert.Equal(
            ["127.0.0.1:8080", "[::1]:8080"],
            Read(Project("http"), ("ASPNETCORE_HTTP_PORTS", "8080"), ("ASPNETCORE_HTTPS_PORTS", "8081")));

    [Fact]
    public void Keeps_an_address_that_is_written_out() =>
        Assert.Equal(
            ["[::1]:5001", "127.0.0.2:5002"],
            Read(Project("http"), ("ASPNETCORE_URLS", "http://[::1]:5001;http://127.0.0.2:5002")));

    [Fact]
    public void Goes_by_the_model_where_the_environment_says_nothing()
    {
        var ownPort = new EndpointAnnotation(
            System.Net.Sockets.ProtocolType.Tcp, uriScheme: "http", name: "http", port: 18_500, isProxied: false);

        Assert.Equal(["127.0.0.1:18500", "[::1]:18500"], Read(Project(ownPort)));
    }

    [Fact]
    public void Never_takes_the_proxy_of_replicas_for_one_of_them()
    {
        var row = Row(("ASPNETCORE_URLS", "http://localhost:12345")) with
        {
            Urls = [new("http", "http://localhost:40000", IsInternal: false)],
        };

        Assert.Equal(["127.0.0.1:12345", "[::1]:12345"], Read(Project("http"), row));
    }

    [Fact]
    public void Takes_what_was_allocated_for_a_container()
    {
        var container = new ContainerResource("cache");
        container.Annotations.Add(Http());
        var row = Row() with { Urls = [new("http", "http://localhost:40000", IsInternal: false)] };

        Assert.Equal(["127.0.0.1:40000", "[::1]:40000"], Read(container, row));
    }

    [Fact]
    public void Asks_to_be_told_the_port_of_an_executable_alone()
    {
        var executable = new ExecutableResource("node", "node", "/");
        executable.Annotations.Add(Http());

        Assert.True(InstanceAddresses.NeedsPortVariable(executable, Http()));
        Assert.False(InstanceAddresses.NeedsPortVariable(Project("http"), Http()));
        Assert.Equal(["127.0.0.1:23000", "[::1]:23000"], Read(executable, ("NGINX_UPSTREAM_PORT_HTTP", "23000"), ("PORT", "23000")));
    }

    private static string[] Read(IResource resource, params (string Name, string Value)[] variables) => Read(resource, Row(variables));

    private static string[] Read(IResource resource, CustomResourceSnapshot row) =>
        [.. InstanceAddresses.Read(row, resource, resource.Annotations.OfType<EndpointAnnotation>().First())
            .Select(address => address.ToString())];

    private static CustomResourceSnapshot Row(params (string Name, string Value)[] variables) => new()
    {
        ResourceType = "Project",
        Properties = [],
        EnvironmentVariables =
        [
            .. variables.Select(variable => new EnvironmentVariableSnapshot(variable.Name, variable.Value, IsFromSpec: true)),
        ],
    };

    private static ProjectResource Project(string scheme) =>
        Project(new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp, uriScheme: scheme, name: scheme));

    private static ProjectResource Project(EndpointAnnotation endpoint)
    {
        var project = new ProjectResource("api");
        project.Annotations.Add(endpoint);
        return project;
    }

    private static EndpointAnnotation Http() => new(System.Net.Sockets.ProtocolType.Tcp, uriScheme: "http", name: "http");
}
