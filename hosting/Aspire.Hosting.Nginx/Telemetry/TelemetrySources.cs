using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>What the telemetry of one nginx is made from.</summary>
/// <param name="Nginx">The resource.</param>
/// <param name="Settings">What the AppHost asked for.</param>
/// <param name="Paths">Where nginx runs.</param>
/// <param name="NameOf">Tells whose address it is.</param>
/// <param name="Notifications">Tell where telemetry goes.</param>
/// <param name="Logs">Hold what nginx writes to its console.</param>
/// <param name="Logger">Is told what goes wrong.</param>
/// <param name="TimeProvider">The clock.</param>
internal sealed record TelemetrySources(
    NginxResource Nginx,
    NginxTelemetry Settings,
    NginxRunPaths Paths,
    Func<string, MemberName?> NameOf,
    ResourceNotificationService Notifications,
    ResourceLoggerService Logs,
    ILogger Logger,
    TimeProvider TimeProvider);

/// <summary>Which row of which resource an address belongs to.</summary>
/// <param name="Upstream">The upstream.</param>
/// <param name="Row">The id of the row, such as <c>api-qwertyui</c>.</param>
internal sealed record MemberName(string Upstream, string Row);
