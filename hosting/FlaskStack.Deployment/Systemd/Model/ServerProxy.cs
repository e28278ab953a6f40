using System.Collections.Immutable;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Systemd.Model;

/// <summary>The nginx in front.</summary>
/// <param name="Publication">Its configuration, with the address it listens on, and its files.</param>
/// <param name="Upstreams">The services behind it: the name of the upstream and that of the service.</param>
/// <param name="Supervision">How it is kept alive, or null when nobody asked for it.</param>
internal sealed record ServerProxy(NginxPublication Publication, ImmutableArray<(string Upstream, string Service)> Upstreams, SupervisorOptions? Supervision);
