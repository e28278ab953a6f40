using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace FlaskStack.ServiceDefaults.Systemd;

/// <summary>Registers what a service started by systemd has to tell it.</summary>
internal static class SystemdExtensions
{
    /// <summary>Adds the messages to systemd, or nothing at all when it did not start this process.</summary>
    /// <param name="builder">The builder of the service.</param>
    public static void AddSystemdMessages(this IHostApplicationBuilder builder)
    {
        if (SystemdSettings.Read(builder.Configuration, Environment.ProcessId) is not { } settings)
        {
            return;
        }

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<NotifySocket>();
        builder.Services.AddHostedService<SystemdNotifier>();
    }
}
