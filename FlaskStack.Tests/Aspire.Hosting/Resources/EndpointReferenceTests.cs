using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Resources;

public sealed class EndpointReferenceTests
{
    private static readonly ExecutableResource Owner = new("api", "true", ".");

    [Theory]
    [InlineData(EndpointProperty.Url, "{api.bindings.http.url}", "http://localhost:5001")]
    [InlineData(EndpointProperty.Host, "{api.bindings.http.host}", "localhost")]
    [InlineData(EndpointProperty.IPV4Host, "{api.bindings.http.host}", "127.0.0.1")]
    [InlineData(EndpointProperty.Port, "{api.bindings.http.port}", "5001")]
    [InlineData(EndpointProperty.Scheme, "{api.bindings.http.scheme}", "http")]
    [InlineData(EndpointProperty.TargetPort, "{api.bindings.http.targetPort}", "5001")]
    [InlineData(EndpointProperty.HostAndPort, "{api.bindings.http.host}:{api.bindings.http.port}", "localhost:5001")]
    [InlineData(EndpointProperty.TlsEnabled, "{api.bindings.http.tlsEnabled}", "False")]
    public async Task Every_property_has_an_expression_and_a_value(EndpointProperty property, string expression, string value)
    {
        var endpoint = Http();
        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", 5001);
        var reference = new EndpointReference(Owner, endpoint).Property(property);

        Assert.Equal(expression, reference.ValueExpression);
        Assert.Equal(value, await reference.GetValueAsync());
    }

    [Fact]
    public async Task A_value_is_awaited_until_the_endpoint_has_an_address()
    {
        var endpoint = Http();
        var value = new EndpointReference(Owner, endpoint).GetValueAsync().AsTask();
        Assert.False(value.IsCompleted);

        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", 5002);

        Assert.Equal("http://localhost:5002", await value.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Waiting_for_an_address_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var value = new EndpointReference(Owner, Http()).GetValueAsync(cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => value);
    }

    [Fact]
    public async Task A_withdrawn_address_fails_whoever_waits()
    {
        var endpoint = Http();
        var value = new EndpointReference(Owner, endpoint).GetValueAsync().AsTask();

        endpoint.AllocatedEndpoint = null;

        await Assert.ThrowsAsync<InvalidOperationException>(() => value);
        Assert.Null(endpoint.AllocatedEndpoint);
    }

    [Fact]
    public void An_address_that_is_not_there_yet_names_endpoint_and_resource()
    {
        var reference = new EndpointReference(Owner, Http());

        var error = Assert.Throws<InvalidOperationException>(() => reference.Url);

        Assert.Contains("'http'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'api'", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => reference.Port);
    }

    [Fact]
    public void A_missing_endpoint_names_those_that_exist()
    {
        var owner = new ExecutableResource("web", "true", ".");
        owner.Annotations.Add(Http());

        var error = Assert.Throws<InvalidOperationException>(() => owner.GetEndpoint("admin").EndpointAnnotation);

        Assert.Contains("'admin'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'http'", error.Message, StringComparison.Ordinal);
        Assert.False(owner.GetEndpoint("admin").Exists);
    }

    [Fact]
    public async Task A_replica_sees_its_own_address_inside_a_composite_expression()
    {
        var endpoint = Http();
        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", 5001);
        var own = new AllocatedEndpoint(endpoint, "localhost", 5009);
        var inner = ReferenceExpression.Create($"{new EndpointReference(Owner, endpoint)}/v1");
        var outer = ReferenceExpression.Create($"see {inner}");

        var context = new ValueProviderContext { ResolveOwnEndpoint = _ => own };

        Assert.Equal("see http://localhost:5009/v1", await outer.GetValueAsync(context, default));
        Assert.Equal("see http://localhost:5001/v1", await outer.GetValueAsync(default));
    }

    [Fact]
    public void Without_a_proxy_both_ports_are_one()
    {
        var endpoint = new EndpointAnnotation(ProtocolType.Tcp, uriScheme: "http", port: 8080, isProxied: false);

        Assert.Equal(8080, endpoint.TargetPort);
        Assert.Null(new EndpointAnnotation(ProtocolType.Tcp, uriScheme: "http", port: 8080).TargetPort);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    public void An_address_needs_a_real_port(int port) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AllocatedEndpoint(Http(), "localhost", port));

    private static EndpointAnnotation Http() => new(ProtocolType.Tcp, uriScheme: "http");
}
