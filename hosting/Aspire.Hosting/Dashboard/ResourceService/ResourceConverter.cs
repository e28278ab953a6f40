using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Conversion;
using Microsoft.Extensions.Logging;
using Resource = Aspire.Hosting.Dashboard.ResourceService.Protocol.Resource;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>Converts rows, of which integrations and users make parts: one that cannot be converted is left out and does not take the others along.</summary>
internal sealed partial class ResourceConverter(ILogger logger)
{
    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.OrdinalIgnoreCase);

    public Resource? Convert(ResourceEvent row)
    {
        try
        {
            return ResourceConversion.ToMessage(row);
        }
        catch (Exception exception)
        {
            // The next change of the row most likely fails alike: once is enough to read.
            if (_reported.TryAdd(row.ResourceId, true))
            {
                Log.NotConverted(logger, row.ResourceId, exception);
            }

            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Resource '{ResourceId}' cannot be shown in the dashboard.")]
        public static partial void NotConverted(ILogger logger, string resourceId, Exception exception);
    }
}
