using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using Aspire.Hosting.Grpc;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>
/// Sends the log of one row. The row of a group has what happened to the group; what its replicas wrote is in theirs, and a
/// viewer of all logs gets every line once.
/// </summary>
/// <remarks>Nothing is stored for a peer that is slow: it goes on in the log where it was, or is told how many lines have dropped out of it.</remarks>
internal sealed class ConsoleLogStream(ResourceNotificationService notifications, ResourceLoggerService logs, TimeProvider time)
{
    /// <summary>The most text in one message: three bytes a character at most keep it below the 4 MiB that gRPC callers take by default.</summary>
    public const int MaximumCharacters = 1024 * 1024;

    // At thousands of lines a second, a message for each of them would cost more than the lines.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    public async Task SendAsync(WatchResourceConsoleLogsRequest request, GrpcMessageWriter<WatchResourceConsoleLogsUpdate> writer, CancellationToken cancellationToken)
    {
        if (!notifications.TryGetCurrentState(request.ResourceName, out var row))
        {
            return;
        }

        await foreach (var lines in logs.WatchRowAsync(row.ResourceId, follow: !request.SuppressFollow, cancellationToken).ConfigureAwait(false))
        {
            foreach (var update in Split(lines))
            {
                await writer.WriteAsync(update, cancellationToken).ConfigureAwait(false);
            }

            if (lines.Count < ResourceLogReader.MaximumBatch && !request.SuppressFollow)
            {
                await Task.Delay(Gathering, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    internal static IEnumerable<WatchResourceConsoleLogsUpdate> Split(IReadOnlyList<LogLine> lines)
    {
        var update = new WatchResourceConsoleLogsUpdate();
        var characters = 0;
        foreach (var line in lines)
        {
            if (update.LogLines.Count > 0 && characters + line.Content.Length > MaximumCharacters)
            {
                yield return update;
                update = new WatchResourceConsoleLogsUpdate();
                characters = 0;
            }

            characters += line.Content.Length;
            update.LogLines.Add(new ConsoleLogLine { LineNumber = line.LineNumber, Text = line.Content, IsStdErr = line.IsErrorMessage });
        }

        if (update.LogLines.Count > 0)
        {
            yield return update;
        }
    }
}
