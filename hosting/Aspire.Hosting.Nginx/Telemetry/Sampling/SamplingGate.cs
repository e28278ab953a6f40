using System.Globalization;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry.Sampling;

/// <summary>
/// A share of nginx's requests. A request id consists of random digits; nginx looks whether a folder has a file whose name are two
/// of them. There is such a folder for each share, and a link to the one that holds: so the share changes at once, without a reload
/// and without a directive that a user's own could meet (<c>limit_req_dry_run</c> would silence their limits).
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class SamplingGate
{
    /// <summary>As many steps as two hexadecimal digits tell apart.</summary>
    public const int Steps = 256;

    private const string NextFolder = "next";
    private const UnixFileMode OthersEnter =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string _folder;
    private readonly string _name;
    private readonly ILogger _logger;
    private bool _hasFailed;

    /// <summary>Opens the gate altogether.</summary>
    /// <param name="folder">The folder of all gates.</param>
    /// <param name="name">The name of the link.</param>
    /// <param name="logger">Is told, once, that the folder cannot be written.</param>
    public SamplingGate(string folder, string name, ILogger logger)
    {
        (_folder, _name, _logger) = (folder, name, logger);
        Set(Steps);
    }

    /// <summary>How many of <see cref="Steps"/> are open: a power of two, or none.</summary>
    public int Level { get; private set; } = -1;

    /// <summary>Makes the folders, one for each level.</summary>
    public static void Prepare(string folder)
    {
        Directory.CreateDirectory(folder, OthersEnter);
        Directory.CreateDirectory(Path.Combine(folder, NextFolder), OthersEnter);
        for (var level = Steps; level >= 0; level = level == 0 ? -1 : level / 2)
        {
            var open = Directory.CreateDirectory(Path.Combine(folder, Name(level)), OthersEnter).FullName;
            for (var step = 0; step < level; step++)
            {
                File.Create(Path.Combine(open, step.ToString("x2", CultureInfo.InvariantCulture))).Dispose();
            }
        }
    }

    /// <summary>The largest level that is no more than this.</summary>
    public static int LevelAtMost(double steps)
    {
        var level = Steps;
        while (level > steps && level > 0)
        {
            level /= 2;
        }

        return level;
    }

    /// <summary>Opens as many steps.</summary>
    /// <param name="level">A power of two up to <see cref="Steps"/>, or 0.</param>
    public void Set(int level)
    {
        if (level == Level)
        {
            return;
        }

        // The target is relative, so that the link leads nowhere until it is in place: a link to a folder is none that File moves.
        var next = Path.Combine(_folder, NextFolder, _name);
        try
        {
            File.Delete(next);
            File.CreateSymbolicLink(next, Name(level));
            File.Move(next, Path.Combine(_folder, _name), overwrite: true);
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

    private static string Name(int level) => level.ToString(CultureInfo.InvariantCulture);
}
