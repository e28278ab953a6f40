using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using Aspire.Hosting.Grpc;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>
/// Shows a dashboard the questions that commands ask, and takes its answers. It stays open for as long as the dashboard
/// wants also when nothing is asked: without this call the dashboard takes the AppHost for lost and covers its pages.
/// </summary>
internal sealed class InteractionStream(InputPrompts prompts)
{
    public async Task HoldAsync(GrpcMessageReader<WatchInteractionsRequestUpdate> reader, GrpcMessageWriter<WatchInteractionsResponseUpdate> writer, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var questions = prompts.Watch();
        var showing = ShowAsync(questions, writer, ending.Token);
        try
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { } answer)
            {
                prompts.Answer(answer);
            }
        }
        finally
        {
            prompts.Unwatch(questions);
            await ending.CancelAsync().ConfigureAwait(false);
            await showing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task ShowAsync(CoalescingQueue<int, WatchInteractionsResponseUpdate> questions, GrpcMessageWriter<WatchInteractionsResponseUpdate> writer, CancellationToken cancellationToken)
    {
        await writer.StartAsync(cancellationToken).ConfigureAwait(false);
        while (await questions.WaitToTakeAsync(cancellationToken).ConfigureAwait(false))
        {
            while (questions.TryTake(out var question))
            {
                await writer.WriteAsync(question, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
