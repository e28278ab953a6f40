using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Runtime;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry.Sampling;

/// <summary>
/// A share of nginx's requests. Each request draws a level, and nginx looks whether the gate's folder has a file of that name: there is
/// one for each level up to the gate's own. So the share changes at once, without a reload and without a directive that a user's own
/// could meet (<c>limit_req_dry_run</c> would silence their limits).
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class SamplingGate
{
    private readonly string _folder;
    private readonly ILogger _logger;
    private bool _hasFailed;

    /// <summary>Opens the gate altogether.</summary>
    /// <param name="folder">The folder of all gates.</param>
    /// <param name="name">The name of the gate.</param>
    /// <param name="logger">Is told, once, that the folder cannot be written.</param>
    public SamplingGate(string folder, string name, ILogger logger)
    {
        (_folder, _logger) = (Path.Combine(folder, name), logger);
        Set(SamplingLevel.Highest);
    }

    /// <summary>How many of <see cref="SamplingLevel.Highest"/> requests are taken: a power of two, or none.</summary>
    public int Level { get; private set; } = -1;

    /// <summary>Makes the folders, one for each gate.</summary>
    public static void Prepare(string folder, params ReadOnlySpan<string> names)
    {
        Directory.CreateDirectory(folder, PrivateFolder.Enters);
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.Combine(folder, name), PrivateFolder.Enters);
        }
    }

    /// <summary>Takes that many requests of <see cref="SamplingLevel.Highest"/>.</summary>
    /// <param name="level">A power of two, or 0.</param>
    public void Set(int level)
    {
        if (level == Level)
        {
            return;
        }

        try
        {
            for (var step = SamplingLevel.Highest; step > 0; step /= 2)
            {
                SetFile(step, step <= level);
            }

            Level = level;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_hasFailed)
            {
                _hasFailed = true;
                Log.GateFailed(_logger, _folder, exception.Message);
            }
        }
    }

    private void SetFile(int level, bool isThere)
    {
        var file = Path.Combine(_folder, level.ToString(CultureInfo.InvariantCulture));
        if (!isThere)
        {
            File.Delete(file);
        }
        else if (!File.Exists(file))
        {
            // nginx opens what it finds, as another user.
            File.Create(file).Dispose();
            File.SetUnixFileMode(file, WorkerAccess.Reads);
        }
    }
}
