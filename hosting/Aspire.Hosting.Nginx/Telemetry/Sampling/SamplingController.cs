using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Telemetry.Sampling;

/// <summary>
/// Decides the share of traces to keep from the requests of the last second: all of them up to the full rate, and of more as
/// many as the full rate and the share above it allow.
/// </summary>
/// <remarks>One thread calls it: it is told of each request, and moves the gate when a second is full or a slice of time is over.</remarks>
internal sealed class SamplingController
{
    private const int SlicesPerSecond = 10;
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1) / SlicesPerSecond;

    private readonly NginxTelemetry _settings;
    private readonly SamplingGate _gate;
    private readonly TimeProvider _timeProvider;
    private readonly int[] _requests = new int[SlicesPerSecond];
    private readonly int[] _kept = new int[SlicesPerSecond];
    private int _slice;
    private int _requestsOfSecond;
    private int _keptOfSecond;
    private long _sliceStart;
    private double _remainder;

    public SamplingController(NginxTelemetry settings, SamplingGate gate, TimeProvider timeProvider)
    {
        (_settings, _gate, _timeProvider) = (settings, gate, timeProvider);
        _sliceStart = timeProvider.GetTimestamp();
        Move(0);
    }

    /// <summary>Counts a request.</summary>
    /// <param name="isKept">Whether its trace is kept.</param>
    public void Count(bool isKept)
    {
        _requests[_slice]++;
        _requestsOfSecond++;
        if (!isKept)
        {
            return;
        }

        _kept[_slice]++;
        _keptOfSecond++;
        if (_gate.Level == SamplingGate.Steps && _keptOfSecond > _settings.FullRate)
        {
            Move(RateOfSlice());
        }
    }

    /// <summary>Moves the gate if a slice of time is over; called at least every tenth of a second.</summary>
    public void Tick()
    {
        if (_timeProvider.GetElapsedTime(_sliceStart) < Slice)
        {
            return;
        }

        var rate = RateOfSlice();
        _sliceStart = _timeProvider.GetTimestamp();
        Move(_requestsOfSecond > _settings.FullRate ? Math.Max(rate, _requestsOfSecond) : 0);
        _slice = (_slice + 1) % SlicesPerSecond;
        _requestsOfSecond -= _requests[_slice];
        _keptOfSecond -= _kept[_slice];
        (_requests[_slice], _kept[_slice]) = (0, 0);
    }

    /// <summary>The share to keep at a rate.</summary>
    public static double ShareAt(NginxTelemetry settings, double rate) =>
        rate <= settings.FullRate ? 1 : (settings.FullRate + (settings.ShareAbove * (rate - settings.FullRate))) / rate;

    private double RateOfSlice()
    {
        var elapsed = Math.Max(_timeProvider.GetElapsedTime(_sliceStart).TotalSeconds, 0.001);
        return _requests[_slice] / elapsed;
    }

    /// <summary>A share between two steps is reached by taking now one, now the other.</summary>
    private void Move(double rate)
    {
        if (_settings is { FullRate: 0, ShareAbove: 0 })
        {
            return;
        }

        var wanted = (ShareAt(_settings, rate) * SamplingGate.Steps) + _remainder;
        var level = (int)wanted;
        _remainder = rate > _settings.FullRate ? wanted - level : 0;
        _gate.Set(level);
    }
}
