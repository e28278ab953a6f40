using Aspire.Hosting.Nginx.Rendering;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Systemd.Model;

namespace Aspire.Hosting.Systemd.Rendering;

/// <summary>What the distribution's nginx.service lacks: a restart when nginx dies, and room for connections.</summary>
internal static class ProxyDropInRenderer
{
    private const int FilesBesideConnections = 256;

    public static string Render(ServerApplication application, ServerProxy proxy)
    {
        var options = proxy.Supervision ?? new SupervisorOptions { Autorestart = SupervisorAutorestart.Never };
        var unit = new UnitWriter().Comment($"Written by {application.AppHost}; publish again to change it.").Section("Unit");
        RestartSettings.WriteLimit(unit, options);
        unit.Section("Service");
        RestartSettings.WriteRestart(unit, options);
        return unit.Set("CPUSchedulingPolicy", ProcessorTurns.Policy).Set("LimitNOFILE", Connections(proxy) + FilesBesideConnections).ToString();
    }

    /// <summary>How many connections a worker is to have: <c>worker_connections</c>, which is for nginx.conf.</summary>
    public static int Connections(ServerProxy proxy) => proxy.Publication.Configuration.Workers.Connections ?? WorkerSizing.DefaultConnections;
}
