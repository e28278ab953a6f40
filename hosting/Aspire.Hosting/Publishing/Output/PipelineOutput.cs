using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Publishing.Output;

/// <summary>The folder that a pipeline writes: one beside the target until <see cref="Commit"/>, then the target.</summary>
internal sealed class PipelineOutput(IOptions<PipelineOptions> options, IConfiguration configuration) : IPipelineOutputService, IDisposable
{
    private const string DefaultFolder = "aspire-output";

    private readonly Lock _lock = new();
    private StagedFolder? _staged;
    private string? _temporary;
    private bool _committed;

    /// <summary>Where the output is in the end: a folder, or the file of a manifest.</summary>
    public string Target { get; } = Path.TrimEndingDirectorySeparator(options.Value.OutputPath is { Length: > 0 } path
        ? Path.GetFullPath(path)
        : Path.GetFullPath(DefaultFolder, configuration["AppHost:Directory"] ?? Environment.CurrentDirectory));

    public string GetOutputDirectory()
    {
        lock (_lock)
        {
            return _committed ? Target : (_staged ??= StagedFolder.Create(Target)).Path;
        }
    }

    public string GetOutputDirectory(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return Path.Join(GetOutputDirectory(), resource.Name);
    }

    public string GetTempDirectory()
    {
        lock (_lock)
        {
            return _temporary ??= Directory.CreateTempSubdirectory("aspire-pipeline-").FullName;
        }
    }

    public string GetTempDirectory(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return Path.Join(GetTempDirectory(), resource.Name);
    }

    /// <summary>Puts what was written into its place.</summary>
    /// <returns>The target, or null when nothing was written to it.</returns>
    /// <exception cref="DistributedApplicationException">The target cannot be written; it is as it was.</exception>
    public string? Commit()
    {
        lock (_lock)
        {
            if (_staged is null || _committed)
            {
                return _committed ? Target : null;
            }

            _committed = _staged.Commit();
            _staged = null;
            return _committed ? Target : null;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _staged?.Dispose();
            _staged = null;
            if (_temporary is not null)
            {
                Directory.Delete(_temporary, recursive: true);
                _temporary = null;
            }
        }
    }
}
