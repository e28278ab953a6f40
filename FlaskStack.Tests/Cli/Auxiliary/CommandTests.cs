using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Cli.Auxiliary;

#pragma warning disable ASPIREINTERACTION001 // Inputs are experimental in Aspire.

public sealed class CommandTests
{
    [Theory]
    [InlineData("""{"who":"Ada","times":2}""")]
    [InlineData("""["Ada","2"]""")]
    public async Task Executes_a_command_with_arguments_by_name_or_in_order(string arguments)
    {
        await using var peer = await StartAsync();

        var answer = await ExecuteAsync(peer, $$"""{"resourceName":"worker","commandName":"greet","arguments":{{arguments}}}""");

        Assert.Equal(
            """{"success":true,"canceled":false,"message":"Done","value":{"value":"worker Ada 2","format":"markdown","displayImmediately":false},"validationErrors":[]}""",
            answer.GetRawText());
    }

    [Theory]
    [InlineData("""{"who":"Ada","times":"many"}""", "times")]
    [InlineData("""{"times":1}""", "who")]
    [InlineData("""{"who":"Ada","extra":1}""", "extra")]
    [InlineData("""["Ada",1,"more"]""", "[2]")]
    public async Task Says_which_argument_is_wrong(string arguments, string wrong)
    {
        await using var peer = await StartAsync();

        var answer = await ExecuteAsync(peer, $$"""{"resourceName":"worker","commandName":"greet","arguments":{{arguments}}}""");

        Assert.False(answer.GetProperty("success").GetBoolean());
        var error = Assert.Single(answer.GetProperty("validationErrors").EnumerateArray());
        Assert.Equal(wrong, error.GetProperty("argumentName").GetString());
        Assert.NotEmpty(error.GetProperty("errorMessage").GetString()!);
    }

    [Theory]
    [InlineData("""{"resourceName":"worker","commandName":"greet","arguments":5}""")]
    [InlineData("""{"resourceName":"worker","commandName":"greet","arguments":{"who":[]}}""")]
    [InlineData("""{"resourceName":"worker"}""")]
    [InlineData("""{"commandName":"greet"}""")]
    public async Task Refuses_a_request_of_no_use(string request)
    {
        await using var peer = await StartAsync();

        Assert.Equal(-32602, await peer.Client.FailAsync("ExecuteResourceCommandAsync", $"[{request}]"));
    }

    [Fact]
    public async Task Only_checks_when_it_is_asked_to_and_tells_the_arguments_there_are()
    {
        await using var peer = await StartAsync();

        var answer = await ExecuteAsync(peer, """{"resourceName":"worker","commandName":"greet","arguments":{"who":"Ada"},"validateOnly":true,"returnArgumentInputs":true}""");

        Assert.True(answer.GetProperty("success").GetBoolean());
        Assert.False(answer.TryGetProperty("value", out _));
        Assert.Equal(["who", "times"], answer.GetProperty("argumentInputs").EnumerateArray().Select(static input => input.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Says_why_a_command_failed_to_clients_of_any_age()
    {
        await using var peer = await StartAsync();

        var answer = await ExecuteAsync(peer, """{"resourceName":"worker","commandName":"fail"}""");

        Assert.False(answer.GetProperty("success").GetBoolean());
        Assert.Equal("no luck", answer.GetProperty("message").GetString());
        Assert.Equal("no luck", answer.GetProperty("errorMessage").GetString());
    }

    [Theory]
    [InlineData("nobody", "greet", "Resource 'nobody' not found.")]
    [InlineData("worker", "dance", "Resource 'worker' has no command 'dance'. It has fail, greet.")]
    public async Task Names_what_is_not_there(string resource, string command, string message)
    {
        await using var peer = await StartAsync();

        var answer = await ExecuteAsync(peer, $$"""{"resourceName":"{{resource}}","commandName":"{{command}}"}""");

        Assert.False(answer.GetProperty("success").GetBoolean());
        Assert.Equal(message, answer.GetProperty("message").GetString());
    }

    private static Task<JsonElement> ExecuteAsync(AuxiliaryPeer peer, string request) => peer.Client.AskAsync("ExecuteResourceCommandAsync", $"[{request}]");

    private static async Task<AuxiliaryPeer> StartAsync()
    {
        var worker = new SampleResource("worker")
            .With(Command("greet", Greet, new InteractionInput { Name = "who", InputType = InputType.Text, Required = true }, new InteractionInput { Name = "times", InputType = InputType.Number }))
            .With(Command("fail", static _ => CommandResults.Failure("no luck")));
        var peer = new AuxiliaryPeer(worker);
        await peer.Model.SetStateAsync(worker, "worker", KnownResourceStates.Running);
        return peer;
    }

    private static ExecuteCommandResult Greet(ExecuteCommandContext context) =>
        CommandResults.Success("Done", $"{context.ResourceName} {context.Arguments.GetString("who")} {context.Arguments.GetInt32("times")}", CommandResultFormat.Markdown);

    private static ResourceCommandAnnotation Command(string name, Func<ExecuteCommandContext, ExecuteCommandResult> execute, params InteractionInput[] inputs) => new(
        name, name, static _ => ResourceCommandState.Enabled, context => Task.FromResult(execute(context)), displayDescription: null, inputs,
        confirmationMessage: null, iconName: null, iconVariant: null, isHighlighted: false);
}
