using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Cli.Auxiliary;

public sealed class WaitTests
{
    private readonly SampleResource _api = new("api");

    [Fact]
    public async Task Waits_for_the_health_of_a_group_by_the_models_name()
    {
        await using var peer = await StartAsync();

        await BeginAsync(peer, """{"resourceName":"API","status":"healthy","timeoutSeconds":60}""");
        await peer.Model.SetReadyAsync(_api, "api-a");
        await peer.Model.SetReadyAsync(_api, "api");

        Assert.Equal("""{"success":true,"state":"Running","healthStatus":"Healthy","resourceNotFound":false,"timedOut":false}""", await ReadAsync(peer));
    }

    [Theory]
    [InlineData("up", "Running", true)]
    [InlineData("down", "Exited", true)]
    [InlineData("up", "FailedToStart", false)]
    [InlineData("healthy", "Exited", false)]
    public async Task Waits_for_a_replica_and_ends_when_it_cannot_get_there(string status, string state, bool succeeds)
    {
        await using var peer = await StartAsync();

        await BeginAsync(peer, $$"""{"resourceName":"api-a","status":"{{status}}","timeoutSeconds":60}""");
        await peer.Model.SetStateAsync(_api, "api-a", state);

        var answer = JsonElement.Parse(await ReadAsync(peer));
        Assert.Equal((succeeds, state), (answer.GetProperty("success").GetBoolean(), answer.GetProperty("state").GetString()));
        Assert.Equal(!succeeds, answer.TryGetProperty("errorMessage", out _));
    }

    [Fact]
    public async Task Goes_on_waiting_for_one_that_is_tried_again_and_gives_up_with_one_that_is_not()
    {
        await using var peer = await StartAsync();

        await BeginAsync(peer, """{"resourceName":"api","status":"up","timeoutSeconds":60}""");
        await SetStateAsync(peer, new ResourceStateSnapshot("Backoff", KnownResourceStateStyles.Warn));
        await SetStateAsync(peer, new ResourceStateSnapshot("Fatal", KnownResourceStateStyles.Error));

        Assert.Contains("\"state\":\"Fatal\"", await ReadAsync(peer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_when_the_time_is_over()
    {
        await using var peer = await StartAsync();

        await BeginAsync(peer, """{"resourceName":"api","status":"up","timeoutSeconds":0.05}""");

        Assert.Equal("""{"success":false,"state":"Starting","resourceNotFound":false,"timedOut":true,"errorMessage":"Timed out waiting for resource \u0027api\u0027."}""".Replace("\\u0027", "'", StringComparison.Ordinal), await ReadAsync(peer));
    }

    [Theory]
    [InlineData("""{"resourceName":"nobody","status":"up"}""", "\"resourceNotFound\":true")]
    [InlineData("""{"resourceName":"api","status":"sideways"}""", "healthy, up or down")]
    public async Task Names_what_is_not_there(string request, string expected)
    {
        await using var peer = await StartAsync();

        await BeginAsync(peer, request);

        Assert.Contains(expected, await ReadAsync(peer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ends_when_the_application_stops()
    {
        await using var peer = await StartAsync();

        await BeginAsync(peer, """{"resourceName":"api","status":"up","timeoutSeconds":60}""");
        peer.Model.Lifetime.StopApplication();

        Assert.Contains("The application is stopping.", await ReadAsync(peer), StringComparison.Ordinal);
    }

    private async Task<AuxiliaryPeer> StartAsync()
    {
        var peer = new AuxiliaryPeer(_api);
        await peer.Model.SetStateAsync(_api, "api", KnownResourceStates.Starting);
        await peer.Model.SetStateAsync(_api, "api-a", KnownResourceStates.Starting);
        return peer;
    }

    private Task SetStateAsync(AuxiliaryPeer peer, ResourceStateSnapshot state) =>
        peer.Model.Notifications.PublishUpdateAsync(_api, "api", snapshot => snapshot with { State = state });

    private static Task<int> BeginAsync(AuxiliaryPeer peer, string request) => peer.Client.BeginAsync("WaitForResourceAsync", $"[{request}]");

    private static async Task<string> ReadAsync(AuxiliaryPeer peer) => (await peer.Client.ReadAsync()).GetProperty("result").GetRawText();
}
