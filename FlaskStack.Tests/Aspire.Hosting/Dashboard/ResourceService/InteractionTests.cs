using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using Aspire.Hosting.Grpc;
using FlaskStack.Tests.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.Grpc;
using FlaskStack.Tests.Hosting.Processes;
using ModelCommandState = Aspire.Hosting.ApplicationModel.ResourceCommandState;
using ModelInputType = Aspire.Hosting.InputType;

#pragma warning disable ASPIREINTERACTION001 // Inputs are experimental in Aspire.

namespace FlaskStack.Tests.Hosting.Dashboard.ResourceService;

public sealed class InteractionTests
{
    [Fact]
    public async Task Holds_the_call_open_until_the_dashboard_ends_it()
    {
        await using var service = await RunningResourceService.StartAsync();
        var dashboard = new RequestStream();
        using var reply = await service.WatchInteractionsAsync(dashboard);
        var next = reply.ReadAsync();

        // Whatever else is asked meanwhile is answered, and the call is still there.
        using var information = await service.GetInformationAsync();
        await information.OnlyAsync();
        Assert.False(next.IsCompleted);

        dashboard.End();
        Assert.Null(await next);
        Assert.Equal(GrpcStatusCode.Ok, (await reply.EndAsync()).Status);
    }

    [Fact]
    public async Task Ends_the_call_when_the_service_stops()
    {
        await using var service = await RunningResourceService.StartAsync();
        using var reply = await service.WatchInteractionsAsync(new RequestStream());
        var end = reply.EndAsync();

        await service.StopAsync();

        // .NET's client, whose own side of the call is still open, may notice the orderly end of the connection before that of the call.
        var error = await Record.ExceptionAsync(() => end);
        Assert.True(error is HttpProtocolException { ErrorCode: 0 } || (await end).Status == GrpcStatusCode.Unavailable, error?.ToString());
    }

    [Fact]
    public async Task Asks_for_the_arguments_of_a_command_and_executes_it_with_them()
    {
        await using var service = await StartAsync();
        var dashboard = new RequestStream();
        using var reply = await service.WatchInteractionsAsync(dashboard);

        var execution = service.ExecuteAsync(Request());
        var question = await reply.ReadAsync();
        Answer(dashboard, question!, ("who", "Ada"), ("loud", ""));
        var response = await execution;
        var closing = await reply.ReadAsync();

        Assert.Equal(("Greet", "Greet", true), (question!.Title, question.PrimaryButtonText, question.ShowDismiss));
        Assert.Equal(["who", "loud", "fixed"], question.InputsDialog.InputItems.Select(static input => input.Name));
        Assert.Equal((ResourceCommandResponseKind.Succeeded, "Ada False here"), (response.Kind, response.Message));
        Assert.Equal((question.InteractionId, WatchInteractionsResponseUpdate.KindOneofCase.Complete), (closing!.InteractionId, closing.KindCase));
    }

    [Fact]
    public async Task Asks_again_with_what_was_given_and_what_is_wrong_with_it()
    {
        await using var service = await StartAsync();
        var dashboard = new RequestStream();
        using var reply = await service.WatchInteractionsAsync(dashboard);

        var execution = service.ExecuteAsync(Request());
        var question = await reply.ReadAsync();
        Answer(dashboard, question!, ("who", "nobody"), ("loud", "perhaps"));
        var malformed = await reply.ReadAsync();
        Answer(dashboard, malformed!, ("who", "nobody"), ("loud", "true"));
        var refused = await reply.ReadAsync();
        Answer(dashboard, refused!, ("who", "Ada"), ("loud", "true"));

        Assert.Equal("Ada True here", (await execution).Message);
        Assert.Equal(question!.InteractionId, malformed!.InteractionId);
        Assert.Equal("the value is neither true nor false.", Assert.Single(malformed.InputsDialog.InputItems[1].ValidationErrors));
        Assert.Equal(("nobody", "Nobody is not here."), (refused!.InputsDialog.InputItems[0].Value, Assert.Single(refused.InputsDialog.InputItems[0].ValidationErrors)));
        Assert.Empty(refused.InputsDialog.InputItems[1].ValidationErrors);
    }

    [Fact]
    public async Task Gives_the_command_up_when_the_person_closes_the_question()
    {
        await using var service = await StartAsync();
        var dashboard = new RequestStream();
        using var reply = await service.WatchInteractionsAsync(dashboard);

        var execution = service.ExecuteAsync(Request());
        var question = await reply.ReadAsync();
        dashboard.Write(GrpcPeer.Frame(new WatchInteractionsRequestUpdate { InteractionId = question!.InteractionId, Complete = new InteractionComplete() }));

        Assert.Equal(ResourceCommandResponseKind.Cancelled, (await execution).Kind);
    }

    [Fact]
    public async Task Takes_the_question_back_when_who_asked_for_the_command_is_gone()
    {
        await using var service = await StartAsync();
        using var reply = await service.WatchInteractionsAsync(new RequestStream());
        using var caller = new CancellationTokenSource();

        var execution = service.OpenAsync("ExecuteResourceCommand", Request(), ResourceCommandResponse.Parser, caller.Token);
        var question = await reply.ReadAsync();
        await caller.CancelAsync();
        var closing = await reply.ReadAsync();

        Assert.Equal((question!.InteractionId, WatchInteractionsResponseUpdate.KindOneofCase.Complete), (closing!.InteractionId, closing.KindCase));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => execution);
    }

    [Fact]
    public async Task Shows_an_open_question_to_a_dashboard_that_comes_later()
    {
        await using var service = await StartAsync();
        using var first = await service.WatchInteractionsAsync(new RequestStream());
        var execution = service.ExecuteAsync(Request());
        var question = await first.ReadAsync();

        var dashboard = new RequestStream();
        using var second = await service.WatchInteractionsAsync(dashboard);
        Assert.Equal(question, await second.ReadAsync());
        Answer(dashboard, question!, ("who", "Ada"), ("loud", "true"));

        Assert.Equal("Ada True here", (await execution).Message);
        Assert.Equal(WatchInteractionsResponseUpdate.KindOneofCase.Complete, (await first.ReadAsync())!.KindCase);
    }

    [Fact]
    public async Task Takes_no_notice_of_answers_to_what_nobody_asks()
    {
        await using var service = await StartAsync();
        var dashboard = new RequestStream();
        using var reply = await service.WatchInteractionsAsync(dashboard);
        Answer(dashboard, new WatchInteractionsResponseUpdate { InteractionId = 99 }, ("who", "Eve"));

        var execution = service.ExecuteAsync(Request());
        var question = await reply.ReadAsync();
        Answer(dashboard, question!, ("who", "Ada"), ("loud", "true"), ("fixed", "elsewhere"));

        Assert.Equal("Ada True here", (await execution).Message);
    }

    [Fact]
    public async Task Asks_nobody_when_nobody_is_there()
    {
        await using var service = await StartAsync();

        var unseen = await service.ExecuteAsync(Request()).InTime();
        using var reply = await service.WatchInteractionsAsync(new RequestStream());
        var scripted = await service.ExecuteAsync(new ResourceCommandRequest(Request()) { NonInteractive = true }).InTime();

        Assert.Equal(ResourceCommandResponseKind.InvalidArguments, unseen.Kind);
        Assert.Equal(ResourceCommandResponseKind.InvalidArguments, scripted.Kind);
    }

    [Fact]
    public async Task Asks_nothing_for_a_command_that_cannot_be_executed_now()
    {
        await using var service = await StartAsync(ModelCommandState.Disabled);
        using var reply = await service.WatchInteractionsAsync(new RequestStream());

        Assert.Equal(ResourceCommandResponseKind.Failed, (await service.ExecuteAsync(Request()).InTime()).Kind);
    }

    private static async Task<RunningResourceService> StartAsync(ModelCommandState state = ModelCommandState.Enabled)
    {
        var service = await RunningResourceService.StartAsync();
        var worker = new SampleResource("worker").With(new ResourceCommandAnnotation(
            "greet",
            "Greet",
            _ => state,
            static context => Task.FromResult(CommandResults.Success($"{context.Arguments.GetString("who")} {context.Arguments.GetBoolean("loud")} {context.Arguments.GetString("fixed")}")),
            displayDescription: null,
            arguments:
            [
                new() { Name = "who", InputType = ModelInputType.Text, Required = true },
                new() { Name = "loud", InputType = ModelInputType.Boolean },
                new() { Name = "fixed", InputType = ModelInputType.Text, Value = "here", Disabled = true },
            ],
            confirmationMessage: null,
            iconName: null,
            iconVariant: null,
            isHighlighted: false,
            validateArguments: static context =>
            {
                if (context.Inputs.GetString("who") == "nobody")
                {
                    context.AddValidationError("who", "Nobody is not here.");
                }

                return Task.CompletedTask;
            }));
        await service.Model.SetStateAsync(worker, "worker", KnownResourceStates.Running);
        return service;
    }

    private static ResourceCommandRequest Request() => new() { ResourceName = "worker", CommandName = "greet" };

    private static void Answer(RequestStream dashboard, WatchInteractionsResponseUpdate question, params (string Name, string Value)[] values)
        => dashboard.Write(GrpcPeer.Frame(new WatchInteractionsRequestUpdate
        {
            InteractionId = question.InteractionId,
            InputsDialog = new InteractionInputsDialog { InputItems = { values.Select(static value => new InteractionInput { Name = value.Name, Value = value.Value }) } },
        }));
}
