using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Cli.Auxiliary;

#pragma warning disable ASPIREINTERACTION001 // Inputs are experimental in Aspire.

public sealed class ResourceTests
{
    private const string Modern = """[{"clientCapabilities":["aux.v3"]}]""";

    private static readonly string[] WaitingFor = ["db"];
    private static readonly string[] Arguments = ["-c", "x"];
    private static readonly string[] TwoTexts = ["a", "b"];
    private static readonly string[] SecretArguments = ["--password", "hunter2"];
    private static readonly string[] CommandFields = ["name", "displayName", "description", "state", "visibility"];

    private readonly SampleResource _api = new("api");

    [Fact]
    public async Task Lists_a_group_and_then_its_replicas_in_the_order_of_the_model()
    {
        var nginx = new SampleResource("nginx");
        await using var peer = new AuxiliaryPeer(_api, nginx);
        await peer.Model.SetStateAsync(nginx, "nginx-abcdefgh", KnownResourceStates.Running);
        await peer.Model.SetStateAsync(_api, "api", KnownResourceStates.Running);
        await peer.Model.SetStateAsync(_api, "api-abcdefgh", KnownResourceStates.Exited, exitCode: 3);

        var rows = await GetAsync(peer);

        Assert.Equal(
            ["api api Running", "api-abcdefgh api Exited", "nginx-abcdefgh nginx Running"],
            rows.Select(static row => $"{row.GetProperty("name")} {row.GetProperty("displayName")} {row.GetProperty("state")}"));
        Assert.Equal(3, rows[1].GetProperty("exitCode").GetInt32());
        Assert.Equal("Healthy", rows[0].GetProperty("healthStatus").GetString());
    }

    [Fact]
    public async Task Describes_what_people_look_for()
    {
        await using var peer = new AuxiliaryPeer(_api);
        await peer.Model.Notifications.PublishUpdateAsync(_api, "api", static snapshot => snapshot with
        {
            ResourceType = "Project",
            State = new ResourceStateSnapshot("Waiting", "info"),
            CreationTimeStamp = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Unspecified),
            Urls = [new UrlSnapshot(null, "http://localhost:1", IsInternal: false), new UrlSnapshot("x", "http://localhost:2", IsInternal: true) { IsInactive = true }],
            Relationships = [new RelationshipSnapshot("db", "Reference"), new RelationshipSnapshot("api", "Parent")],
            Volumes = [new VolumeSnapshot(null, "/data", "volume", IsReadOnly: true)],
            Properties =
            [
                new ResourcePropertySnapshot("resource.waitingFor", WaitingFor),
                new ResourcePropertySnapshot("executable.pid", 42),
                new ResourcePropertySnapshot("executable.args", Arguments),
                new ResourcePropertySnapshot("nothing", null),
            ],
        });

        var row = Assert.Single(await GetAsync(peer));

        Assert.Equal("Project", row.GetProperty("resourceType").GetString());
        Assert.Equal("Project", row.GetProperty("type").GetString());
        Assert.Equal("info", row.GetProperty("stateStyle").GetString());
        Assert.Equal("2026-01-02T03:04:05Z", row.GetProperty("createdAt").GetString());
        Assert.Equal("""[{"name":"default","url":"http://localhost:1","isInternal":false,"displayProperties":{"sortOrder":0}}]""", row.GetProperty("urls").GetRawText());
        Assert.Equal("""[{"resourceName":"db","type":"Reference"}]""", row.GetProperty("relationships").GetRawText());
        Assert.Equal("""[{"target":"/data","mountType":"volume","isReadOnly":true}]""", row.GetProperty("volumes").GetRawText());
        Assert.Equal("""["db"]""", row.GetProperty("waitingFor").GetRawText());
        Assert.Equal("""{"resource.waitingFor":["db"],"executable.pid":42,"executable.args":["-c","x"],"nothing":null}""", row.GetProperty("properties").GetRawText());
    }

    [Fact]
    public async Task Gives_details_as_text_to_clients_that_take_no_other()
    {
        await using var peer = new AuxiliaryPeer(_api);
        await SetPropertiesAsync(peer, new ResourcePropertySnapshot("list", TwoTexts), new ResourcePropertySnapshot("number", 1.5), new ResourcePropertySnapshot("none", null));

        var old = (await peer.Client.AskAsync("GetResourceSnapshotsAsync"))[0];

        Assert.Equal("""{"list":"a,b","number":"1.5","none":null}""", old.GetProperty("properties").GetRawText());
    }

    [Fact]
    public async Task Leaves_out_secrets_wherever_a_row_shows_them()
    {
        var password = new SampleResource("password");
        await using var peer = new AuxiliaryPeer(_api, password);
        await peer.Model.Notifications.PublishUpdateAsync(password, "password", static snapshot => snapshot with
        {
            Properties = [new ResourcePropertySnapshot("Value", "hunter2") { IsSensitive = true }],
        });
        await peer.Model.Notifications.PublishUpdateAsync(_api, "api", static snapshot => snapshot with
        {
            EnvironmentVariables = [new("A", "hunter2", IsFromSpec: true), new("B", "user=me;password=hunter2", IsFromSpec: true), new("C", "open", IsFromSpec: true)],
            Properties = [new ResourcePropertySnapshot("args", SecretArguments)],
        });

        var answer = await peer.Client.AskAsync("GetResourcesAsync", Modern);

        Assert.DoesNotContain("hunter2", answer.GetRawText(), StringComparison.Ordinal);
        var api = answer.GetProperty("resources")[0];
        Assert.Equal("""[{"name":"A","isFromSpec":true},{"name":"B","isFromSpec":true},{"name":"C","value":"open","isFromSpec":true}]""", api.GetProperty("environmentVariables").GetRawText());
        Assert.Equal("""{"args":["--password",null]}""", api.GetProperty("properties").GetRawText());
        Assert.Equal("""{"Value":null}""", answer.GetProperty("resources")[1].GetProperty("properties").GetRawText());
    }

    [Fact]
    public async Task Describes_commands_with_their_arguments()
    {
        _api.With(new ResourceCommandAnnotation(
            "greet", "Greet", static _ => ResourceCommandState.Disabled, static _ => Task.FromResult(CommandResults.Success()), "Says hello",
            [new() { Name = "who", InputType = InputType.Choice, Required = true, Options = [new("a", "Ada")], MaxLength = 3 }, new() { Name = "key", InputType = InputType.SecretText, Value = "s3cret" }],
            confirmationMessage: null, iconName: null, iconVariant: null, isHighlighted: false, ResourceCommandVisibility.Api));
        await using var peer = new AuxiliaryPeer(_api);
        await peer.Model.SetStateAsync(_api, "api", KnownResourceStates.Running);

        var command = Assert.Single((await GetAsync(peer))[0].GetProperty("commands").EnumerateArray());

        Assert.Equal("greet Greet Says hello Disabled Api", string.Join(' ', CommandFields.Select(name => command.GetProperty(name).GetString())));
        var inputs = command.GetProperty("argumentInputs");
        Assert.Equal("""{"name":"who","enableDescriptionMarkdown":false,"inputType":"Choice","required":true,"options":{"a":"Ada"},"allowCustomChoice":false,"disabled":false,"maxLength":3}""", inputs[0].GetRawText());
        Assert.False(inputs[1].TryGetProperty("value", out _));
    }

    [Fact]
    public async Task Streams_rows_and_then_their_changes()
    {
        await using var peer = new AuxiliaryPeer(_api);
        await peer.Model.SetStateAsync(_api, "api", KnownResourceStates.Starting);

        var token = await peer.Client.OpenAsync("WatchResourcesAsync", Modern);
        var (first, _) = await peer.Client.PullAsync(token);
        await peer.Model.SetStateAsync(_api, "api", KnownResourceStates.Running);
        var (second, _) = await peer.Client.PullAsync(token);

        Assert.Equal("Starting", Assert.Single(first).GetProperty("state").GetString());
        Assert.Equal("Running", Assert.Single(second).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Picks_rows_by_a_part_of_their_name()
    {
        await using var peer = new AuxiliaryPeer(_api);
        await peer.Model.SetStateAsync(_api, "api", KnownResourceStates.Running);
        await peer.Model.SetStateAsync(_api, "api-abcdefgh", KnownResourceStates.Running);

        var answer = await peer.Client.AskAsync("GetResourcesAsync", """[{"filter":"-ABC"}]""");

        Assert.Equal("api-abcdefgh", Assert.Single(answer.GetProperty("resources").EnumerateArray()).GetProperty("name").GetString());
    }

    private Task SetPropertiesAsync(AuxiliaryPeer peer, params ResourcePropertySnapshot[] properties) =>
        peer.Model.Notifications.PublishUpdateAsync(_api, "api", snapshot => snapshot with { Properties = [.. properties] });

    private static async Task<JsonElement[]> GetAsync(AuxiliaryPeer peer) =>
        [.. (await peer.Client.AskAsync("GetResourcesAsync", Modern)).GetProperty("resources").EnumerateArray()];
}
