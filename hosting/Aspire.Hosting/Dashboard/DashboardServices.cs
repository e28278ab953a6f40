using Aspire.Hosting.Dashboard.Launching;
using Aspire.Hosting.Dashboard.Provisioning;
using Aspire.Hosting.Dashboard.ResourceService;
using Aspire.Hosting.Dashboard.Settings;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Dashboard;

/// <summary>Registers the dashboard of an application that runs.</summary>
internal static class DashboardServices
{
    /// <param name="services">The services of the AppHost.</param>
    /// <param name="settings">The dashboard's settings; null when it is off.</param>
    /// <param name="ports">The ports that were chosen, given back at the end.</param>
    public static void AddDashboard(this IServiceCollection services, DashboardSettings? settings, DashboardPorts ports)
    {
        services.AddSingleton(new DashboardStatus(settings));
        if (settings is null)
        {
            return;
        }

        services.AddSingleton(settings);
        services.AddSingleton(ports);
        services.AddSingleton(new ResourceServiceSettings(settings.ResourceServiceUrl, settings.Secrets.ResourceServiceApiKey));
        services.AddSingleton<ResourceServiceHost>();
        services.AddSingleton<DashboardRow>();
        services.AddSingleton<DashboardProvider>();
        services.AddSingleton<DashboardSupervisor>();
        services.AddSingleton<StackStart>();
        services.AddEventingSubscriber<DashboardModel>();

        // The first to start is the last to stop.
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService, DashboardHost>());
    }
}
