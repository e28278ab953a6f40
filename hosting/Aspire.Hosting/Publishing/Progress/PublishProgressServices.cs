using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Publishing.Progress;

/// <summary>Registers what a publish tells its progress with.</summary>
internal static class PublishProgressServices
{
    /// <param name="services">The services of an AppHost that publishes.</param>
    /// <param name="hasReader">Whether somebody else reads, such as the CLI; otherwise the console prints.</param>
    public static void AddPublishProgress(this IServiceCollection services, bool hasReader)
    {
        services.AddSingleton<PublishProgress>();
        if (!hasReader)
        {
            services.AddSingleton<IHostedService>(static provider =>
                new PublishConsole(provider.GetRequiredService<PublishProgress>(), Console.Out, Console.Error));
        }
    }
}
