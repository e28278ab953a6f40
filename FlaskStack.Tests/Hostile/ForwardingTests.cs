using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace FlaskStack.Tests.Hostile;

/// <summary>Nobody but the proxy says where a request comes from.</summary>
[Collection(HostileGraphGroup.Name)]
[Trait("Category", HostileGraphGroup.Category)]
public sealed class ForwardingTests(HostileGraph graph)
{
    private const string Spoofed = "bank.example";
    private const string SpoofedAddress = "203.0.113.7";

    [Theory]
    [InlineData("X-Forwarded-For: 203.0.113.7")]
    [InlineData("X-Forwarded-For: 203.0.113.7, 127.0.0.1")]
    [InlineData("X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-For: 203.0.113.7")]
    [InlineData("x-FORWARDED-for: 203.0.113.7:80")]
    [InlineData("X-Forwarded-For:\t203.0.113.7")]
    [InlineData("X-Forwarded-For: 203.0.113.7\r\nConnection: X-Forwarded-For, X-Forwarded-Proto")]
    [InlineData("X-Forwarded-For: unix:, 203.0.113.7\r\nX-Real-IP: 203.0.113.7")]
    [InlineData("X-Real-IP: 203.0.113.7")]
    [InlineData("X-Original-For: 203.0.113.7\r\nX-Original-Host: bank.example\r\nX-Original-Proto: https")]
    [InlineData("X-Original-Prefix: /bank.example")]
    [InlineData("X-Forwarded-Host: bank.example")]
    [InlineData("X-Forwarded-Host: bank.example:443, bank.example")]
    [InlineData("X-Forwarded-Host: localhost\r\nX-Forwarded-Host: bank.example")]
    [InlineData("X-Forwarded-Server: bank.example\r\nX-Forwarded-Port: 443\r\nX-Forwarded-Prefix: /bank.example")]
    [InlineData("X-Forwarded-Proto: https")]
    [InlineData("X-Forwarded-Proto: javascript")]
    [InlineData("X-Forwarded-Proto: https\r\nX-Forwarded-Proto: https, https")]
    [InlineData("Forwarded: for=203.0.113.7;host=bank.example;proto=https")]
    [InlineData("Forwarded: for=\"[::1]\"\r\nForwarded: for=203.0.113.7")]
    [InlineData("Proxy: http://bank.example")]
    [InlineData("X_Forwarded_For: 203.0.113.7\r\nX_Forwarded_Host: bank.example")]
    public async Task Nginx_passes_on_nothing_that_a_client_says_of_it(string headers)
    {
        var response = await graph.AskAsync($"GET /testing/headers HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");

        var seen = JsonElement.Parse(response.Body);
        Assert.Equal("127.0.0.1", seen.GetProperty("client").GetString());
        Assert.Equal("http", seen.GetProperty("scheme").GetString());
        Assert.Equal("localhost", seen.GetProperty("host").GetString());
        Assert.DoesNotContain(Spoofed, response.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(SpoofedAddress, response.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_port_of_a_replica_believes_nobody()
    {
        foreach (var replica in graph.Replicas)
        {
            var seen = await AskReplicaAsync(replica);

            Assert.Equal("127.0.0.1", seen.GetProperty("client").GetString());
            Assert.Equal("http", seen.GetProperty("scheme").GetString());
            Assert.Equal("localhost", seen.GetProperty("host").GetString());
        }
    }

    [Fact]
    public async Task The_socket_of_a_replica_is_for_the_proxy()
    {
        var replica = (await graph.Stack.GetReplicasAsync())[0];
        var socket = replica.Snapshot.EnvironmentVariables.Single(variable => variable.Name == "UPSTREAM_SOCKET").Value!;

        var seen = await AskReplicaAsync(new UnixDomainSocketEndPoint(socket));

        Assert.Equal(SpoofedAddress, seen.GetProperty("client").GetString());
        var mode = File.ResolveLinkTarget(socket, returnFinalTarget: true)!.UnixFileMode;
        Assert.False(mode.HasFlag(UnixFileMode.OtherWrite), $"Every user of the machine can connect to {socket}.");
    }

    private static async Task<JsonElement> AskReplicaAsync(EndPoint replica) => JsonElement.Parse(Assert.Single(await RawHttp.ExchangeAsync(
        replica,
        "GET /testing/headers HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + $"X-Forwarded-For: {SpoofedAddress}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: {Spoofed}\r\n\r\n")).Body);
}
