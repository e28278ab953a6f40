using Aspire.Hosting.Publishing.Output;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Pipelines;

/// <summary>Registers what publishes an application.</summary>
internal static class PipelineServices
{
    public static void AddPipeline(this IServiceCollection services, DistributedApplicationPipeline pipeline, IConfiguration configuration)
    {
        services.Configure<PipelineOptions>(configuration.GetSection("Pipeline"));
        services.AddSingleton(pipeline);
        services.AddSingleton<IDistributedApplicationPipeline>(pipeline);
        services.AddSingleton<PipelineOutput>();
        services.AddSingleton<IPipelineOutputService>(static provider => provider.GetRequiredService<PipelineOutput>());
        services.AddSingleton<PipelineRunner>();
        services.AddSingleton<PipelineExecutor>();
        services.AddHostedService(static provider => provider.GetRequiredService<PipelineExecutor>());
    }
}
