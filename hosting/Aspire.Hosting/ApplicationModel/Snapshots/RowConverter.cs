using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Converts rows, of which integrations and users make parts: one that cannot be converted is left out and does not take the others along.</summary>
/// <param name="convert">Makes of a row what is shown of it.</param>
/// <param name="place">Where it is shown.</param>
/// <param name="logger">Where it is said what is left out.</param>
internal sealed class RowConverter<T>(Func<ResourceEvent, T> convert, string place, ILogger logger)
    where T : class
{
    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.OrdinalIgnoreCase);

    public T? Convert(ResourceEvent row)
    {
        try
        {
            return convert(row);
        }
        catch (Exception exception)
        {
            // The next change of the row most likely fails alike: once is enough to read.
            if (_reported.TryAdd(row.ResourceId, true))
            {
                RowConverterLog.NotConverted(logger, row.ResourceId, place, exception);
            }

            return null;
        }
    }
}
