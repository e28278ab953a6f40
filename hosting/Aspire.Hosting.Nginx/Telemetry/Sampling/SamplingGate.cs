using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry.Sampling;

/// <summary>
/// How many of nginx's requests have their trace kept. A request id begins with two random digits; nginx keeps the trace where
/// a file with those digits as its name is there. So the share changes from one request to the next, without a reload and without
/// a directive that a user's own limits could meet (<c>limit_req_dry_run</c> would silence those).
/// </summary>
/// <param name="folder">The folder of the files; it must exist.</param>
/// <param name="logger">Is told, once, that the folder cannot be written.</param>
internal sealed class SamplingGate(string folder, ILogger logger)
{
    /// <summary>As many steps as two hexadecimal digits tell apart.</summary>
    public const int Steps = 256;

    private readonly bool[] _isOpen = new bool[Steps];
    private bool _hasFailed;

    /// <summary>How many of <see cref="Steps"/> are open.</summary>
    public int Level { get; private set; }

    /// <summary>Opens as many steps, the same ones for the same level.</summary>
    public void Set(int level)
    {
        Level = Math.Clamp(level, 0, Steps);
        for (var step = 0; step < Steps; step++)
        {
            if (_isOpen[step] != step < Level)
            {
                Change(step, step < Level);
            }
        }
    }

    private void Change(int step, bool open)
    {
        var file = Path.Combine(folder, step.ToString("x2", CultureInfo.InvariantCulture));
        try
        {
            if (open)
            {
                File.Create(file).Dispose();
            }
            else
            {
                File.Delete(file);
            }

            _isOpen[step] = open;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_hasFailed)
            {
                _hasFailed = true;
                Log.GateFailed(logger, folder, exception.Message);
            }
        }
    }
}
