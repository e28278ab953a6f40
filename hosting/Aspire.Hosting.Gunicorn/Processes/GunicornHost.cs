using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Gunicorn.Processes;

/// <summary>Every gunicorn application of an AppHost, and the folder of their files.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class GunicornHost : IHostedService, IDisposable
{
    private const string FolderPrefix = "gunicorn-";

    private readonly ConcurrentDictionary<string, GunicornLifecycle> _lifecycles = new(StringComparer.Ordinal);
    private PrivateFolder? _folder;

    /// <summary>One virtual environment is made at a time: two applications may have the same folder.</summary>
    public SemaphoreSlim Preparing { get; } = new(1);

    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public GunicornLifecycle this[string name] => _lifecycles.TryGetValue(name, out var lifecycle)
        ? lifecycle
        : throw new InvalidOperationException($"The resource '{name}' has not been started yet.");

    public void Add(string name, GunicornLifecycle lifecycle) => _lifecycles[name] = lifecycle;

    public GunicornLifecycle? Find(string name) => _lifecycles.GetValueOrDefault(name);

    /// <summary>The files of an application.</summary>
    /// <exception cref="DistributedApplicationException">They cannot be written; the message has the fix.</exception>
    public RunFiles FilesOf(string name)
    {
        var parent = PrivateParent.Of(Environment.GetEnvironmentVariable);
        try
        {
            _folder ??= PrivateFolder.Create(parent, FolderPrefix);
            _folder.Ensure();
            return new(_folder.Path, name);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw parent.CannotWrite("gunicorn's files cannot be written to", exception);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <remarks>nginx has answered what it had before: it drains while the application begins to stop.</remarks>
    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_lifecycles.Values.Select(lifecycle => lifecycle.StopAsync(cancellationToken)));

    public void Dispose()
    {
        foreach (var lifecycle in _lifecycles.Values)
        {
            lifecycle.Dispose();
        }

        _folder?.Dispose();
        Preparing.Dispose();
    }
}
