using System.Diagnostics.Metrics;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>What the instruments of one meter record.</summary>
internal sealed class RecordedMeasurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<(string Instrument, double Value, Dictionary<string, object?> Tags)> _all = [];

    public RecordedMeasurements(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Asks the observable instruments; what was recorded before is forgotten.</summary>
    public void Observe()
    {
        _all.Clear();
        _listener.RecordObservableInstruments();
    }

    public IReadOnlyList<(double Value, Dictionary<string, object?> Tags)> Of(string instrument)
    {
        lock (_all)
        {
            return
            [
                .. _all.Where(measurement => measurement.Instrument == instrument)
                    .Select(measurement => (measurement.Value, measurement.Tags)),
            ];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_all)
        {
            _all.Add((instrument.Name, value, new(tags.ToArray())));
        }
    }
}
