using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using FlaskStack.Tests.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.Processes;
using Google.Protobuf.WellKnownTypes;
using ModelCommandState = Aspire.Hosting.ApplicationModel.ResourceCommandState;
using ModelFormat = Aspire.Hosting.ApplicationModel.CommandResultFormat;
using ModelInputType = Aspire.Hosting.InputType;
using ResultFormat = Aspire.Hosting.Dashboard.ResourceService.Protocol.CommandResultFormat;

namespace FlaskStack.Tests.Hosting.Dashboard.ResourceService;

public sealed class CommandTests
{
    [Fact]
    public async Task Executes_a_command_and_answers_with_what_it_produced()
    {
        await using var service = await StartAsync(context => Task.FromResult(CommandResults.Success("Done", $"{context.ResourceName} {context.Arguments.GetString("who")} {context.Arguments.GetInt32("times")}", ModelFormat.Markdown, displayImmediately: true)));

        var response = await service.ExecuteAsync(Request(("who", Value.ForString("Ada")), ("times", Value.ForNumber(2))));

        Assert.Equal(
            new ResourceCommandResponse
            {
                Kind = ResourceCommandResponseKind.Succeeded,
                Message = "Done",
                Result = new ResourceCommandResult { Value = "worker Ada 2", Format = ResultFormat.Markdown, DisplayImmediately = true },
            },
            response);
    }

    [Fact]
    public async Task Says_why_a_command_failed_to_callers_of_any_age()
    {
        await using var service = await StartAsync(_ => Task.FromResult(CommandResults.Failure("no luck")));

        var response = await service.ExecuteAsync(Request());

        Assert.Equal(new ResourceCommandResponse { Kind = ResourceCommandResponseKind.Failed, Message = "no luck", ErrorMessage = "no luck" }, response);
    }

    [Fact]
    public async Task Says_when_a_command_was_given_up()
    {
        await using var service = await StartAsync(_ => Task.FromResult(CommandResults.Canceled()));

        Assert.Equal(ResourceCommandResponseKind.Cancelled, (await service.ExecuteAsync(Request())).Kind);
    }

    [Theory]
    [InlineData("nobody", "greet")]
    [InlineData("worker", "dance")]
    [InlineData("", "greet")]
    [InlineData("worker", "")]
    public async Task Fails_what_cannot_be_executed(string resource, string command)
    {
        await using var service = await StartAsync(_ => Task.FromResult(CommandResults.Success()));

        var response = await service.ExecuteAsync(new ResourceCommandRequest { ResourceName = resource, CommandName = command });

        Assert.Equal(ResourceCommandResponseKind.Failed, response.Kind);
        Assert.NotEmpty(response.Message);
        Assert.Equal(response.Message, response.ErrorMessage);
    }

    [Fact]
    public async Task Says_which_argument_is_wrong()
    {
        await using var service = await StartAsync(_ => Task.FromResult(CommandResults.Success()));

        var unreadable = await service.ExecuteAsync(Request(("who", Value.ForList(Value.ForNumber(1)))));
        var malformed = await service.ExecuteAsync(Request(("times", Value.ForString("many"))));

        Assert.Equal(ResourceCommandResponseKind.InvalidArguments, unreadable.Kind);
        Assert.Contains("who", unreadable.Message, StringComparison.Ordinal);
        Assert.Equal(ResourceCommandResponseKind.InvalidArguments, malformed.Kind);
        Assert.Contains("times", malformed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_a_command_to_give_up_when_its_caller_is_gone()
    {
        var started = new TaskCompletionSource();
        var gaveUp = new TaskCompletionSource();
        await using var service = await StartAsync(async context =>
        {
            using var registration = context.CancellationToken.Register(gaveUp.SetResult);
            started.SetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return CommandResults.Success();
        });
        using var caller = new CancellationTokenSource();

        var call = service.OpenAsync("ExecuteResourceCommand", Request(), ResourceCommandResponse.Parser, caller.Token);
        await started.Task.InTime();
        await caller.CancelAsync();

        await gaveUp.Task.InTime();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public void Says_the_format_of_a_result(int format, int expected)
    {
        var result = CommandResults.Success("", new CommandResultData { Value = "v", Format = (ModelFormat)format });

        Assert.Equal(expected, (int)CommandExecutor.ToResponse(result).Result.Format);
    }

    private static async Task<RunningResourceService> StartAsync(Func<ExecuteCommandContext, Task<ExecuteCommandResult>> execute)
    {
        var service = await RunningResourceService.StartAsync();
        var worker = new SampleResource("worker").With(new ResourceCommandAnnotation(
            "greet", "Greet", static _ => ModelCommandState.Enabled, execute, displayDescription: null,
            arguments: [new() { Name = "who", InputType = ModelInputType.Text }, new() { Name = "times", InputType = ModelInputType.Number }],
            confirmationMessage: null, iconName: null, iconVariant: null, isHighlighted: false));
        await service.Model.SetStateAsync(worker, "worker", KnownResourceStates.Running);
        return service;
    }

    private static ResourceCommandRequest Request(params (string Name, Value Value)[] arguments)
    {
        var request = new ResourceCommandRequest { ResourceName = "worker", CommandName = "greet" };
        foreach (var (name, value) in arguments)
        {
            request.Arguments.Add(name, value);
        }

        return request;
    }
}
