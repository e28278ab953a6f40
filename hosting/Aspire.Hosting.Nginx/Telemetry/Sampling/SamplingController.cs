using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Runtime;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry.Sampling;

/// <summary>
/// Decides from the requests of the last second the share of traces to keep: all of them up to the full rate, and of more the share
/// that is set, or enough to see something. And how many requests the ones that are told stand for.
/// </summary>
/// <remarks>One thread calls it: it is told of each request, and moves the gates when a second is full or a slice of time is over.</remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class SamplingController
{
    private const int SlicesPerSecond = 10;

    /// <summary>What is kept at least of more requests than the full rate: this part of it.</summary>
    private const double LeastPart = 10;

    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1) / SlicesPerSecond;

    private readonly NginxTelemetry _settings;
    private readonly SamplingGate _kept;
    private readonly SamplingGate _told;
    private readonly TimeProvider _timeProvider;
    private readonly int[] _requests = new int[SlicesPerSecond];
    private readonly int[] _keptRequests = new int[SlicesPerSecond];
    private int _slice;
    private int _requestsOfSecond;
    private int _keptOfSecond;
    private long _sliceStart;
    private double _remainder;

    public SamplingController(NginxTelemetry settings, SamplingGate kept, SamplingGate told, TimeProvider timeProvider)
    {
        (_settings, _kept, _told, _timeProvider) = (settings, kept, told, timeProvider);
        _sliceStart = timeProvider.GetTimestamp();
        MoveKept(0);
    }

    /// <summary>How many requests one stands for that was drawn: a power of two.</summary>
    public int Weight { get; private set; } = 1;

    /// <summary>Counts a request.</summary>
    /// <param name="weight">How many it stands for.</param>
    /// <param name="isKept">Whether its trace is kept.</param>
    public void Count(int weight, bool isKept)
    {
        _requests[_slice] += weight;
        _requestsOfSecond += weight;
        if (Weight == 1 && _requestsOfSecond > _settings.CountedRate && _kept.Level < SamplingLevel.Highest)
        {
            MoveTold(RateOfSlice());
        }

        if (!isKept)
        {
            return;
        }

        _keptRequests[_slice]++;
        _keptOfSecond++;
        if (_kept.Level == SamplingLevel.Highest && _keptOfSecond > _settings.FullRate)
        {
            MoveKept(RateOfSlice());
        }
    }

    /// <summary>Moves the gates if a slice of time is over; called at least every tenth of a second.</summary>
    public void Tick()
    {
        if (_timeProvider.GetElapsedTime(_sliceStart) < Slice)
        {
            return;
        }

        var rate = RateOfSlice();
        _sliceStart = _timeProvider.GetTimestamp();
        MoveKept(_requestsOfSecond > _settings.FullRate ? Math.Max(rate, _requestsOfSecond) : 0);
        MoveTold(_requestsOfSecond > _settings.CountedRate ? Math.Max(rate, _requestsOfSecond) : _requestsOfSecond);
        _slice = (_slice + 1) % SlicesPerSecond;
        _requestsOfSecond -= _requests[_slice];
        _keptOfSecond -= _keptRequests[_slice];
        (_requests[_slice], _keptRequests[_slice]) = (0, 0);
    }

    /// <summary>The share to keep at a rate.</summary>
    public static double ShareAt(NginxTelemetry settings, double rate) =>
        settings.ShareAbove >= 1 ? 1
        : rate > settings.FullRate ? Math.Max(settings.ShareAbove, settings.FullRate / (LeastPart * rate))
        : settings.FullRate > 0 ? 1
        : settings.ShareAbove;

    private double RateOfSlice()
    {
        var elapsed = Math.Max(_timeProvider.GetElapsedTime(_sliceStart).TotalSeconds, 0.001);
        return _requests[_slice] / elapsed;
    }

    /// <summary>A share between two levels is reached by taking now one, now the other.</summary>
    private void MoveKept(double rate)
    {
        var wanted = (ShareAt(_settings, rate) * SamplingLevel.Highest) + _remainder;
        var level = SamplingLevel.AtMost(wanted);
        _remainder = level < SamplingLevel.Highest ? wanted - level : 0;
        _kept.Set(level);
    }

    /// <summary>
    /// Becomes heavier as soon as there are too many, and lighter only when there are clearly few enough, or when a trace that is to be
    /// kept would not be told.
    /// </summary>
    private void MoveTold(double rate)
    {
        const double Clearly = 0.8;
        while (Weight < SamplingLevel.Highest && rate / Weight > _settings.CountedRate)
        {
            Weight *= 2;
        }

        while (Weight > 1 && rate / (Weight / 2) < _settings.CountedRate * Clearly)
        {
            Weight /= 2;
        }

        Weight = Math.Min(Weight, SamplingLevel.Highest / Math.Max(_kept.Level, 1));
        _told.Set(SamplingLevel.Highest / Weight);
    }
}

/// <summary>Shares of requests, as powers of two.</summary>
internal static class SamplingLevel
{
    /// <summary>The level at which every request is taken.</summary>
    public const int Highest = 256;

    /// <summary>The largest level that is no more than this; 0 takes none.</summary>
    public static int AtMost(double wanted)
    {
        var level = Highest;
        while (level > wanted && level > 0)
        {
            level /= 2;
        }

        return level;
    }
}

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
