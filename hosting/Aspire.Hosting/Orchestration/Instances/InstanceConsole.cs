using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>The console of one instance over all its lives: shown live, and kept in rotated files.</summary>
internal sealed class InstanceConsole(string instanceId, ResourceLoggerService logs, RotatingLogFile? file, TimeProvider time) : IConsoleSink, IAsyncDisposable
{
    public void Write(DateTime utc, string line, bool isError)
    {
        logs.Append(instanceId, utc, line, isError);
        file?.Write(utc, line, isError);
    }

    public void WriteError(string line) => Write(time.GetUtcNow().UtcDateTime, line, isError: true);

    public async ValueTask DisposeAsync()
    {
        if (file is not null)
        {
            await file.DisposeAsync().ConfigureAwait(false);
        }
    }
}
