using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Runtime;
using Aspire.Hosting.Nginx.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FlaskStack.Tests.Nginx;

public class UpstreamMembershipTests
{
    private readonly FakeService _api = new("api");

    [Fact]
    public void Counts_rows_that_run_and_have_an_address()
    {
        var membership = Membership();

        Assert.Equal((true, "127.0.0.1:5001"), Update(membership, "api-a", KnownResourceStates.Running, "http://localhost:5001"));
        Assert.Equal((true, "[::1]:5002"), Update(membership, "api-b", KnownResourceStates.Running, "http://[::1]:5002"));
        Assert.Equal((false, null), Update(membership, "api-b", KnownResourceStates.Running, "http://[::1]:5002"));
        Assert.Equal((false, null), Update(membership, "api-c", KnownResourceStates.Starting, "http://localhost:5003"));

        Assert.Equal(["127.0.0.1:5001", "[::1]:5002"], Assert.Single(membership.Current()).Members.Order());
    }

    [Theory]
    [InlineData("Exited")]
    [InlineData("Stopping")]
    [InlineData("Draining")]
    [InlineData("Starting")]
    public void Drops_a_row_that_runs_no_longer(string state)
    {
        var membership = Membership();
        Update(membership, "api-a", KnownResourceStates.Running, "http://localhost:5001");

        Assert.Equal((true, null), Update(membership, "api-a", state, "http://localhost:5001"));

        Assert.Empty(Assert.Single(membership.Current()).Members);
    }

    [Fact]
    public void Prefers_a_Unix_socket()
    {
        var membership = Membership();
        var row = FakeService.TcpRow(KnownResourceStates.Running, "http://localhost:5001") with { Properties = [new("endpoint.http.unixSocket", "/run/api.sock")] };

        membership.Update(new ResourceEvent(_api, "api-a", row));

        Assert.Equal("unix:/run/api.sock", Assert.Single(Assert.Single(membership.Current()).Members));
    }

    [Fact]
    public void Keeps_a_Unix_socket_whatever_becomes_of_its_process()
    {
        var membership = Membership();
        Assert.True(UpdateSocket(membership, "api-a", KnownResourceStates.NotStarted).Members);
        Assert.True(UpdateSocket(membership, "api-b", KnownResourceStates.Running, HealthStatus.Healthy).Members);

        foreach (var state in new[] { "Starting", "Running", "Stopping", "Exited", "Backoff", "Fatal", "NotStarted" })
        {
            Assert.False(UpdateSocket(membership, "api-a", state).Members);
        }

        Assert.Equal(["unix:/run/api-a", "unix:/run/api-b"], Assert.Single(membership.Current()).Members.Order());
    }

    [Fact]
    public void Knows_a_spare_until_it_is_used()
    {
        var membership = Membership();
        var spare = SocketRow("api-b", KnownResourceStates.NotStarted, null) with { IsHidden = true };
        UpdateSocket(membership, "api-a", KnownResourceStates.Running, HealthStatus.Healthy);
        Assert.True(membership.Update(new ResourceEvent(_api, "api-b", spare)).Members);

        Assert.Equal(["unix:/run/api-b"], Assert.Single(membership.Current()).Spares.ToArray());
        Assert.Equal(new MemberName("api", "api-b", IsSpare: true), membership.NameOf("unix:/run/api-b"));

        Assert.False(membership.Update(new ResourceEvent(_api, "api-b", spare with { IsHidden = false })).Members);
        Assert.Empty(Assert.Single(membership.Current()).Spares);
        Assert.Equal(new MemberName("api", "api-b"), membership.NameOf("unix:/run/api-b"));
    }

    [Fact]
    public void Takes_what_runs_out_of_sight_for_no_spare()
    {
        var membership = Membership();

        membership.Update(new ResourceEvent(_api, "api-a", SocketRow("api-a", KnownResourceStates.Running, HealthStatus.Healthy) with { IsHidden = true }));

        Assert.Empty(Assert.Single(membership.Current()).Spares);
    }

    [Fact]
    public void Drops_a_Unix_socket_that_is_unhealthy_until_it_is_healthy()
    {
        var membership = Membership();
        UpdateSocket(membership, "api-a", KnownResourceStates.Running, HealthStatus.Healthy);

        Assert.True(UpdateSocket(membership, "api-a", KnownResourceStates.Running, HealthStatus.Unhealthy).Members);
        Assert.Empty(Assert.Single(membership.Current()).Members);
        Assert.False(UpdateSocket(membership, "api-a", "Exited").Members);
        Assert.False(UpdateSocket(membership, "api-a", KnownResourceStates.Running, null).Members);

        var back = UpdateSocket(membership, "api-a", KnownResourceStates.Running, HealthStatus.Healthy);
        Assert.True(back.Members);
        Assert.Equal(["unix:/run/api-a"], back.Serving.ToArray());
    }

    [Fact]
    public void Keeps_a_Unix_socket_where_nobody_listens_who_could_be_unhealthy()
    {
        var membership = Membership(isListening: false);
        UpdateSocket(membership, "api-a", KnownResourceStates.Running, HealthStatus.Healthy);

        Assert.False(UpdateSocket(membership, "api-a", KnownResourceStates.Running, HealthStatus.Unhealthy).Members);

        Assert.Equal(["unix:/run/api-a"], Assert.Single(membership.Current()).Members.ToArray());
    }

    [Fact]
    public void Says_which_Unix_socket_serves_from_now_on()
    {
        var membership = Membership();
        Assert.Equal(["unix:/run/api-a"], UpdateSocket(membership, "api-a", KnownResourceStates.Running, HealthStatus.Healthy).Serving.ToArray());
        Assert.Empty(UpdateSocket(membership, "api-a", "Exited").Serving);
        Assert.Empty(UpdateSocket(membership, "api-a", KnownResourceStates.Running).Serving);

        Assert.Equal(["unix:/run/api-a"], UpdateSocket(membership, "api-a", KnownResourceStates.Running, HealthStatus.Healthy).Serving.ToArray());
    }

    [Fact]
    public void Ignores_other_resources_and_other_endpoints()
    {
        var membership = Membership();
        var otherEndpoint = FakeService.TcpRow(KnownResourceStates.Running, "http://localhost:5001") with { Urls = [new("admin", "http://localhost:9", IsInternal: false)] };

        Assert.False(membership.Update(new ResourceEvent(_api, "api-a", otherEndpoint)).Members);
        Assert.False(membership.Update(new ResourceEvent(new FakeService("other"), "other", FakeService.TcpRow(KnownResourceStates.Running, "http://localhost:1"))).Members);
    }

    [Fact]
    public void Says_which_endpoints_there_are_when_the_named_one_is_missing()
    {
        var error = Assert.Throws<DistributedApplicationException>(() => new UpstreamMembership([new("api", _api, "admin")], _ => true));

        Assert.Equal("WithReverseProxy: the resource 'api' has no endpoint 'admin'; it has 'http'.", error.Message);
    }

    private UpstreamMembership Membership(bool isListening = true) => new([new("api", _api, null)], _ => isListening);

    private (bool Changed, string? Joined) Update(UpstreamMembership membership, string row, string state, string url)
    {
        var change = membership.Update(new ResourceEvent(_api, row, FakeService.TcpRow(state, url)));
        return (change.Members, change.Serving.SingleOrDefault());
    }

    /// <summary>A row without a check is healthy while it runs; one whose check has not answered is not.</summary>
    private MembershipChange UpdateSocket(UpstreamMembership membership, string row, string state, HealthStatus? health = null) =>
        membership.Update(new ResourceEvent(_api, row, SocketRow(row, state, health)));

    private static CustomResourceSnapshot SocketRow(string row, string state, HealthStatus? health) =>
        new CustomResourceSnapshot { ResourceType = "Project", State = state, Properties = [new("endpoint.http.unixSocket", $"/run/{row}")] }
            .WithHealthReports([new("ready", health, null, null)]);
}
