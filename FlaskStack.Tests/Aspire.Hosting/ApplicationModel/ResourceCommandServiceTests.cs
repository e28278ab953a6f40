using System.Collections.Concurrent;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.ApplicationModel;

#pragma warning disable ASPIREINTERACTION001 // Inputs are experimental in Aspire.

public sealed class ResourceCommandServiceTests : IDisposable
{
    private readonly ModelFixture _model = new();
    private readonly SampleResource _api = new("api");

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task A_command_is_executed_on_the_instance_that_is_named()
    {
        var executed = Record("go");
        await RunAsync("api", "api-one", "api-two");

        var result = await _model.Commands.ExecuteCommandAsync("api-two", "go");

        Assert.True(result.Success);
        Assert.Equal(["api-two"], executed);
    }

    [Theory]
    [InlineData("resource-start", "start")]
    [InlineData("resource-stop", "stop")]
    [InlineData("resource-restart", "restart")]
    [InlineData("START", "start")]
    public async Task Old_names_stand_for_those_of_today(string name, string command)
    {
        var executed = Record(command);
        await RunAsync("api-one");

        Assert.True((await _model.Commands.ExecuteCommandAsync("api-one", name)).Success);
        Assert.Single(executed);
    }

    [Theory]
    [InlineData("api", "api-one", "api-two")]
    [InlineData("api-one", "api-two")]
    public async Task A_lifecycle_command_by_model_name_is_executed_on_every_replica_at_once(params string[] rows)
    {
        var together = new Barrier(2);
        Add("restart", context =>
        {
            Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(60)));
            return CommandResults.Success($"from {context.ResourceName}");
        });
        await RunAsync(rows);

        var byName = await _model.Commands.ExecuteCommandAsync("api", "restart");
        var byResource = await _model.Commands.ExecuteCommandAsync(_api, "restart");

        Assert.True(byName.Success);
        Assert.True(byResource.Success);
        Assert.Equal("from api-one", byName.Message);
    }

    [Fact]
    public async Task A_failure_on_one_replica_fails_the_whole_and_names_it()
    {
        Add("restart", static context => context.ResourceName == "api-two" ? CommandResults.Failure("no luck") : CommandResults.Success());
        await RunAsync("api", "api-one", "api-two");

        var result = await _model.Commands.ExecuteCommandAsync("api", "restart");

        Assert.False(result.Success);
        Assert.StartsWith("1 of 2 command executions failed.", result.Message, StringComparison.Ordinal);
        Assert.Contains("Resource 'api-two' failed with error message: no luck", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_other_command_by_model_name_is_executed_once_for_the_group()
    {
        var executed = Record("reload");
        await RunAsync("api", "api-one", "api-two");

        Assert.True((await _model.Commands.ExecuteCommandAsync("api", "reload")).Success);
        Assert.True((await _model.Commands.ExecuteCommandAsync(_api, "reload")).Success);

        Assert.Equal(["api", "api"], executed);
    }

    [Fact]
    public async Task Spare_replicas_are_left_out()
    {
        var executed = Record("start");
        _api.With(new ResourceInstancesAnnotation(["api", "api-one"], ["api-two"]));
        await RunAsync("api", "api-one", "api-two");

        Assert.True((await _model.Commands.ExecuteCommandAsync("api", "start")).Success);

        Assert.Equal(["api-one"], executed);
    }

    [Fact]
    public async Task A_command_by_model_name_skips_the_replicas_that_are_already_there()
    {
        var executed = Record("stop", static context => context.ResourceSnapshot.State?.Text == "Running" ? ResourceCommandState.Enabled : ResourceCommandState.Hidden);
        await RunAsync("api", "api-one", "api-two");
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Exited);

        Assert.True((await _model.Commands.ExecuteCommandAsync("api", "stop")).Success);
        Assert.Equal(["api-two"], executed);
    }

    [Fact]
    public async Task An_unknown_resource_or_command_is_a_failure_that_says_so()
    {
        await RunAsync("api-one");

        Assert.Equal("Resource 'apu' not found.", (await _model.Commands.ExecuteCommandAsync("apu", "go")).Message);
        Assert.Equal("Resource 'apu' not found.", (await _model.Commands.ExecuteCommandAsync(new SampleResource("apu"), "go")).Message);
        Assert.Equal("Command 'go' not available for resource 'api-one'.", (await _model.Commands.ExecuteCommandAsync("api-one", "go")).Message);
    }

    [Theory]
    [InlineData(ResourceCommandState.Disabled)]
    [InlineData(ResourceCommandState.Hidden)]
    public async Task A_command_that_is_not_enabled_is_refused(ResourceCommandState state)
    {
        var executed = Record("go", _ => state);
        await RunAsync("api", "api-one", "api-two");

        var one = await _model.Commands.ExecuteCommandAsync("api-one", "go");
        var all = await _model.Commands.ExecuteCommandAsync("api", "go");

        Assert.Equal("Command 'go' cannot be executed on resource 'api-one' while its state is 'Running'.", one.Message);
        Assert.False(all.Success);
        Assert.Empty(executed);
    }

    [Fact]
    public async Task What_a_command_throws_becomes_a_failure_and_a_line_in_the_log()
    {
        Add("go", static _ => throw new InvalidOperationException("odd"));
        await RunAsync("api-one");

        var result = await _model.Commands.ExecuteCommandAsync("api-one", "go");

        Assert.Equal((false, false, "odd"), (result.Success, result.Canceled, result.Message));
        var lines = new List<LogLine>();
        await foreach (var batch in _model.Logs.GetAllAsync("api-one"))
        {
            lines.AddRange(batch);
        }

        Assert.Contains(lines, static line => line.IsErrorMessage && line.Content.Contains("odd", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_canceled_command_is_canceled()
    {
        using var cancellation = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        _api.With(new ResourceCommandAnnotation("go", "Go", static _ => ResourceCommandState.Enabled, async context =>
        {
            started.SetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return CommandResults.Success();
        }, null, (object?)null, null, null, null, false));
        await RunAsync("api-one");
        var execution = _model.Commands.ExecuteCommandAsync("api-one", "go", cancellation.Token);
        await started.Task.WaitAsync(ModelFixture.Deadline);

        await cancellation.CancelAsync();

        Assert.True((await execution).Canceled);
    }

    [Theory]
    [InlineData("count", "many", "count: the value is not a number.")]
    [InlineData("colour", "green", "colour: the value is none of red, blue.")]
    [InlineData("other", "1", "other: the command has no such argument.")]
    [InlineData("count", "", "count: a value is required.")]
    [InlineData("count", "13", "count: not that one")]
    public async Task Wrong_arguments_are_refused_and_named(string name, string value, string error)
    {
        AddWithArguments(static _ => CommandResults.Success());
        await RunAsync("api-one");

        var result = await _model.Commands.ExecuteCommandAsync("api-one", "go", new Dictionary<string, string?> { ["count"] = "1", [name] = value }, CancellationToken.None);

        Assert.True(result.HasInvalidArguments);
        Assert.Contains(error, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_gets_its_arguments_and_the_described_values_of_the_rest()
    {
        AddWithArguments(static context => CommandResults.Success($"{context.Arguments.GetInt32("COUNT")} {context.Arguments.GetString("colour")}"));
        await RunAsync("api-one");
        var arguments = new InteractionInputCollection([new InteractionInput { Name = "count", InputType = InputType.Number, Value = "2" }]);

        Assert.Equal("2 red", (await _model.Commands.ExecuteCommandAsync("api-one", "go", arguments)).Message);
    }

    private ConcurrentQueue<string> Record(string name, Func<UpdateCommandStateContext, ResourceCommandState>? updateState = null)
    {
        var executed = new ConcurrentQueue<string>();
        Add(name, context =>
        {
            executed.Enqueue(context.ResourceName);
            return CommandResults.Success();
        }, updateState);
        return executed;
    }

    private void Add(string name, Func<ExecuteCommandContext, ExecuteCommandResult> execute, Func<UpdateCommandStateContext, ResourceCommandState>? updateState = null)
        => _api.With(new ResourceCommandAnnotation(name, name, updateState ?? (static _ => ResourceCommandState.Enabled), context => Task.FromResult(execute(context)), null, (object?)null, null, null, null, false));

    private void AddWithArguments(Func<ExecuteCommandContext, ExecuteCommandResult> execute)
    {
        InteractionInput[] inputs =
        [
            new() { Name = "count", InputType = InputType.Number, Required = true },
            new() { Name = "colour", InputType = InputType.Choice, Options = [new("red", "Red"), new("blue", "Blue")], Value = "red" },
        ];
        _api.With(new ResourceCommandAnnotation("go", "Go", static _ => ResourceCommandState.Enabled, context => Task.FromResult(execute(context)), null, inputs, null, null, null, false, validateArguments: static context =>
        {
            if (context.Inputs.GetString("count") == "13")
            {
                context.AddValidationError("count", "not that one");
            }

            return Task.CompletedTask;
        }));
    }

    private async Task RunAsync(params string[] rows)
    {
        foreach (var row in rows)
        {
            await _model.SetStateAsync(_api, row, KnownResourceStates.Running);
        }
    }
}
