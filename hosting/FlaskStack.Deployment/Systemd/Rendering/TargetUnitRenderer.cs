using Aspire.Hosting.Systemd.Model;

namespace Aspire.Hosting.Systemd.Rendering;

/// <summary>The unit that stands for the application: starting it starts every replica, and stopping it stops them.</summary>
internal static class TargetUnitRenderer
{
    public static string Render(ServerApplication application)
    {
        var paths = new ServerPaths(application.Name);
        var replicas = string.Join(' ', Replicas(application, paths));
        return new UnitWriter()
            .Comment($"Written by {application.AppHost}; publish again to change it.")
            .Section("Unit")
            .Set("Description", $"{application.Name}: {string.Join(", ", application.Services.Select(service => $"{service.Name} ×{service.Replicas}"))}")
            .Set("Wants", application.Proxy is null ? replicas : $"{replicas} nginx.service")
            .Set("After", replicas)
            .Section("Install")
            .Set("WantedBy", "multi-user.target")
            .ToString();
    }

    private static IEnumerable<string> Replicas(ServerApplication application, ServerPaths paths) =>
        application.Services.SelectMany(service => Enumerable.Range(1, service.Replicas).Select(replica => paths.UnitName(service.Name, replica)));
}
