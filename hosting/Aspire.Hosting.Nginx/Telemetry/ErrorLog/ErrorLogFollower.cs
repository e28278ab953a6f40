using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Telemetry.Otlp;

namespace Aspire.Hosting.Nginx.Telemetry.ErrorLog;

/// <summary>Follows what nginx writes to its console, and passes the lines of its error log on.</summary>
internal sealed class ErrorLogFollower(
    NginxResource nginx,
    ResourceLoggerService logs,
    Action<LogRecord> pass,
    TimeProvider timeProvider)
{
    /// <summary>A log may be completed when nginx stops, and go on when it starts again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private int _lastNumber;
    private long _lost;

    /// <summary>How many requests nginx said it could not log.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await foreach (var lines in logs.WatchAsync(nginx).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                foreach (var line in lines.Where(line => line.LineNumber > _lastNumber))
                {
                    _lastNumber = line.LineNumber;
                    Take(line.Content);
                }
            }

            await Task.Delay(Pause, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Take(string content)
    {
        var now = timeProvider.GetUtcNow();
        if (ErrorLogLine.Parse(content, now) is not { } line)
        {
            return;
        }

        if (line.IsLostMessage)
        {
            Interlocked.Increment(ref _lost);
        }
        else
        {
            pass(line.ToRecord(now));
        }
    }
}
