using System.Globalization;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// The folder in which this AppHost, told by its path, keeps what outlives a run: logs and the record of its processes. An
/// application runs without it as well, and nothing is kept then.
/// </summary>
internal sealed class AppHostStateFolder : IDisposable
{
    private const int HashLength = 8;
    private const string LockName = ".lock";
    private const string ProjectExtension = ".csproj";

    private readonly FileStream? _lock;

    public AppHostStateFolder(AppHostIdentity appHost, IConfiguration configuration)
    {
        var hash = configuration["AppHost:Sha256"]![..HashLength].ToLowerInvariant();
        try
        {
            Path = System.IO.Path.Join(UserFolders.State(), $"{NameOf(appHost)}-{hash}");
            (Logs, _lock) = TakeLogs(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            (Path, Problem) = (null, e.Message);
        }
    }

    /// <summary>Shared by all runs of this AppHost; null when there is no folder.</summary>
    public string? Path { get; }

    /// <summary>This run's alone: a second run beside it gets <c>logs-2</c>, so that they do not write into each other's files.</summary>
    public string? Logs { get; }

    /// <summary>Why there is no folder, and the mend.</summary>
    public string? Problem { get; }

    public void Dispose() => _lock?.Dispose();

    private static string NameOf(AppHostIdentity appHost)
    {
        var name = System.IO.Path.GetFileName(appHost.Path);
        return name.EndsWith(ProjectExtension, StringComparison.OrdinalIgnoreCase) ? name[..^ProjectExtension.Length] : name;
    }

    private static (string Folder, FileStream Lock) TakeLogs(string root)
    {
        for (var run = 1; ; run++)
        {
            var folder = System.IO.Path.Join(root, run == 1 ? "logs" : string.Create(CultureInfo.InvariantCulture, $"logs-{run}"));
            UserFolders.Create(folder);
            try
            {
                // The kernel releases it when the process dies, however it dies.
                return (folder, new FileStream(System.IO.Path.Join(folder, LockName), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None));
            }
            catch (IOException e) when (IsHeldByAnother(e))
            {
                // Another run of the same AppHost has it.
            }
        }
    }

    /// <summary>.NET reports a lock that another process holds as EWOULDBLOCK on Unix and as a sharing violation on Windows.</summary>
    private static bool IsHeldByAnother(IOException e) => (e.HResult & 0xFFFF) is 11 or 35 or 32;
}
