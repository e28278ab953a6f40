#pragma warning disable ASPIREINTERACTION001 // Inputs of commands are experimental for users of the library, and are shown all the same.

using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Conversion;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using FlaskStack.Tests.Hosting.ApplicationModel;
using Google.Protobuf.WellKnownTypes;
using ModelCommandState = Aspire.Hosting.ApplicationModel.ResourceCommandState;
using ModelIconVariant = Aspire.Hosting.ApplicationModel.IconVariant;
using ModelInput = Aspire.Hosting.InteractionInput;
using ModelInputType = Aspire.Hosting.InputType;
using ModelStatus = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus;
using ResourceMessage = Aspire.Hosting.Dashboard.ResourceService.Protocol.Resource;
using StatusMessage = Aspire.Hosting.Dashboard.ResourceService.Protocol.HealthStatus;

namespace FlaskStack.Tests.Hosting.Dashboard.ResourceService;

public sealed class ResourceConversionTests
{
    private static readonly DateTime Created = new(2026, 3, 4, 5, 6, 7, DateTimeKind.Utc);
    private static readonly CustomResourceSnapshot Empty = new() { ResourceType = "Project", Properties = [], CreationTimeStamp = Created };

    [Fact]
    public void Names_the_row_by_its_instance_and_shows_the_resource()
    {
        var message = Convert(Empty with { State = new ResourceStateSnapshot("Running", "warning"), IsHidden = true });

        Assert.Equal(("api-aaaaaaaa", "api-aaaaaaaa", "api", "Project"), (message.Name, message.Uid, message.DisplayName, message.ResourceType));
        Assert.Equal(("Running", "warning", true), (message.State, message.StateStyle, message.IsHidden));
    }

    [Fact]
    public void Says_when_the_row_was_made_and_what_has_not_happened_to_it()
    {
        var message = Convert(Empty with { StartTimeStamp = DateTime.SpecifyKind(Created.AddSeconds(1), DateTimeKind.Unspecified) });

        Assert.Equal(Timestamp.FromDateTime(Created), message.CreatedAt);
        Assert.Equal(Timestamp.FromDateTime(Created.AddSeconds(1)), message.StartedAt);
        Assert.Null(message.StoppedAt);
    }

    [Fact]
    public void Gives_every_row_the_properties_that_the_dashboard_knows()
    {
        var message = Convert(Empty with { State = "Running", ExitCode = 3, StopTimeStamp = Created });

        Assert.Equal(
            new Dictionary<string, Value>
            {
                ["resource.uid"] = Value.ForString("api-aaaaaaaa"),
                ["resource.name"] = Value.ForString("api-aaaaaaaa"),
                ["resource.type"] = Value.ForString("Project"),
                ["resource.displayName"] = Value.ForString("api"),
                ["resource.state"] = Value.ForString("Running"),
                ["resource.exitCode"] = Value.ForString("3"),
                ["resource.createTime"] = Value.ForString("2026-03-04T05:06:07.0000000Z"),
                ["resource.startTime"] = Value.ForNull(),
                ["resource.stopTime"] = Value.ForString("2026-03-04T05:06:07.0000000Z"),
                ["resource.healthState"] = Value.ForString("Healthy"),
            },
            message.Properties.ToDictionary(static property => property.Name, static property => property.Value));
    }

    [Theory]
    [InlineData("Project", "project.path", "Project path", 0)]
    [InlineData("Project", "executable.pid", "Process ID", 3)]
    [InlineData("Executable", "executable.path", "Executable path", 0)]
    [InlineData("Project", "endpoint.http.unixSocket", "Unix socket (http)", 9)]
    public void Brings_forward_what_people_look_for(string type, string name, string label, int order)
    {
        var property = Property(Convert(Empty with { ResourceType = type, Properties = [new(name, "value")] }), name);

        Assert.Equal((label, order, true), (property.DisplayName, property.SortOrder, property.IsHighlighted));
    }

    [Theory]
    [InlineData("Project", "executable.path")]
    [InlineData("Executable", "endpoint..unixSocket")]
    [InlineData("Executable", "something.else")]
    public void Leaves_other_properties_to_those_who_ask_for_all(string type, string name)
    {
        var property = Property(Convert(Empty with { ResourceType = type, Properties = [new(name, "value")] }), name);

        Assert.False(property.IsHighlighted || property.HasDisplayName || property.HasSortOrder);
    }

    [Fact]
    public void Marks_secrets()
    {
        var message = Convert(Empty with { Properties = [new("secret", "value") { IsSensitive = true }, new("open", "value")] });

        Assert.True(Property(message, "secret").IsSensitive);
        Assert.False(Property(message, "open").IsSensitive);
    }

    [Fact]
    public void Converts_values_of_every_kind()
    {
        Assert.Equal(Value.ForNull(), PropertyValue.ToMessage(null));
        Assert.Equal(Value.ForString("text"), PropertyValue.ToMessage("text"));
        Assert.Equal(Value.ForNumber(7), PropertyValue.ToMessage(7));
        Assert.Equal(Value.ForNumber(7.5), PropertyValue.ToMessage(7.5));
        Assert.Equal(Value.ForString("true"), PropertyValue.ToMessage(true));
        Assert.Equal(Value.ForString("2026-03-04T05:06:07.0000000Z"), PropertyValue.ToMessage(Created));
        Assert.Equal(Value.ForList(Value.ForString("a"), Value.ForString("b")), PropertyValue.ToMessage(ImmutableArray.Create("a", "b")));
        Assert.Equal(Value.ForList(Value.ForNumber(0), Value.ForNumber(1)), PropertyValue.ToMessage(ImmutableArray.Create(0, 1)));
        Assert.Equal(Value.ForStruct(new Struct { Fields = { ["a"] = Value.ForString("b") } }), PropertyValue.ToMessage(new Dictionary<string, string> { ["a"] = "b" }));
        Assert.Equal(Value.ForString("http://localhost/"), PropertyValue.ToMessage(new Uri("http://localhost/")));
    }

    [Fact]
    public void Lists_first_the_variables_that_the_model_sets()
    {
        var message = Convert(Empty with { EnvironmentVariables = [new("PATH", "/bin", IsFromSpec: false), new("B", null, IsFromSpec: true), new("A", "1", IsFromSpec: true)] });

        Assert.Equal([("B", "", true), ("A", "1", true), ("PATH", "/bin", false)], message.Environment.Select(static variable => (variable.Name, variable.Value, variable.IsFromSpec)));
    }

    [Fact]
    public void Shows_addresses_with_or_without_an_endpoint()
    {
        var message = Convert(Empty with
        {
            Urls =
            [
                new("http", "http://localhost:1", IsInternal: false) { IsInactive = true, DisplayProperties = new UrlDisplayPropertiesSnapshot("Shop", 5) },
                new(null, "http://localhost:2", IsInternal: true) { DisplayProperties = null! },
            ],
        });

        Assert.Equal(new Url { EndpointName = "http", FullUrl = "http://localhost:1", IsInactive = true, DisplayProperties = new UrlDisplayProperties { DisplayName = "Shop", SortOrder = 5 } }, message.Urls[0]);
        Assert.Equal(new Url { FullUrl = "http://localhost:2", IsInternal = true, DisplayProperties = new UrlDisplayProperties() }, message.Urls[1]);
    }

    [Fact]
    public void Tells_a_check_that_has_not_run_from_one_that_failed()
    {
        var message = Convert((Empty with { State = "Running" }).WithHealthReports(
        [
            new("new", null, null, null),
            new("bad", ModelStatus.Unhealthy, "refused", "boom") { LastRunAt = Created },
            new("slow", ModelStatus.Degraded, null, null),
            new("good", ModelStatus.Healthy, null, null),
        ]));

        Assert.False(message.HealthReports[0].HasStatus);
        Assert.Equal(new HealthReport { Key = "bad", Status = StatusMessage.Unhealthy, Description = "refused", Exception = "boom", LastRunAt = Timestamp.FromDateTime(Created) }, message.HealthReports[1]);
        Assert.Equal([2, 0], message.HealthReports.Skip(2).Select(static report => (int)report.Status));
    }

    [Fact]
    public void Shows_ties_and_storage()
    {
        var message = Convert(Empty with { Relationships = [new("cache", "WaitFor")], Volumes = [new(null, "/data", "volume", IsReadOnly: true)] });

        Assert.Equal([new ResourceRelationship { ResourceName = "cache", Type = "WaitFor" }], message.Relationships);
        Assert.Equal([new Volume { Target = "/data", MountType = "volume", IsReadOnly = true }], message.Volumes);
    }

    [Fact]
    public void Does_not_name_a_replica_and_its_siblings_as_its_parents()
        => Assert.Empty(Convert(Empty with { Relationships = [new("api", "Parent")] }).Relationships);

    [Fact]
    public void Offers_a_command_with_its_question_and_its_inputs()
    {
        var command = new ResourceCommandSnapshot("greet", ModelCommandState.Disabled, "Greet", "Says hello", Parameter: null, "Really?", "HandWave", ModelIconVariant.Filled, IsHighlighted: true)
        {
            Arguments =
            [
                new ModelInput { Name = "who", InputType = ModelInputType.Choice, Required = true, Options = [new("a", "Ada"), new("b", "Bob"), new("a", "Ada again")], Value = "b", MaxLength = 9 },
                new ModelInput { Name = "pin", Label = "PIN", InputType = ModelInputType.SecretText, Placeholder = "****" },
            ],
        };

        var message = Assert.Single(Convert(Empty with { Commands = [command] }).Commands);

        Assert.Equal(("greet", "Greet", "Says hello", "Really?", "HandWave", true), (message.Name, message.DisplayName, message.DisplayDescription, message.ConfirmationMessage, message.IconName, message.IsHighlighted));
        Assert.Equal((1, 1), ((int)message.State, (int)message.IconVariant));
        Assert.Equal(("who", "who", 3, true, "b", 9), (message.ArgumentInputs[0].Name, message.ArgumentInputs[0].Label, (int)message.ArgumentInputs[0].InputType, message.ArgumentInputs[0].Required, message.ArgumentInputs[0].Value, message.ArgumentInputs[0].MaxLength));
        Assert.Equal(new Dictionary<string, string> { ["a"] = "Ada again", ["b"] = "Bob" }, message.ArgumentInputs[0].Options);
        Assert.Equal(("PIN", 2, "****"), (message.ArgumentInputs[1].Label, (int)message.ArgumentInputs[1].InputType, message.ArgumentInputs[1].Placeholder));
    }

    [Fact]
    public void Names_a_command_without_a_text_and_leaves_out_one_that_is_not_for_people()
    {
        var nameless = new ResourceCommandSnapshot("greet", ModelCommandState.Enabled, "", null, null, null, null, null, IsHighlighted: false);
        var internalOne = nameless with { Name = "hidden", Visibility = ResourceCommandVisibility.Api };

        Assert.Equal("greet", Assert.Single(Convert(Empty with { Commands = [nameless, internalOne] }).Commands).DisplayName);
    }

    [Fact]
    public void Shows_an_icon_only_where_one_was_chosen()
    {
        var with = Convert(Empty with { IconName = "Rocket", IconVariant = ModelIconVariant.Regular });
        var without = Convert(Empty);

        Assert.Equal(("Rocket", 0), (with.IconName, (int)with.IconVariant));
        Assert.False(without.HasIconName || without.HasIconVariant);
    }

    [Fact]
    public void Takes_a_snapshot_whose_lists_were_never_set()
    {
        var message = Convert(Empty with { Properties = default, Urls = default, Commands = default, EnvironmentVariables = default, Volumes = default, Relationships = default });

        Assert.Empty(message.Urls);
    }

    private static ResourceMessage Convert(CustomResourceSnapshot snapshot) => ResourceConversion.ToMessage(new ResourceEvent(new SampleResource("api"), "api-aaaaaaaa", snapshot));

    private static ResourceProperty Property(ResourceMessage message, string name) => message.Properties.Single(property => property.Name == name);
}
